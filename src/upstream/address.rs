//! The URLs that a deployment may call when somebody else provides the URL: public hosts by HTTPS.
//!
//! This keeps callers from reaching services behind the deployment. The parser is stricter than every HTTP client: a URL
//! that two parsers could read differently is rejected. The address that a name resolves to is not known here, so the
//! client follows no redirects.

use crate::core::Rule;

/// The longest URL, in bytes.
const URL_MAX: usize = 2_048;

/// Names that are never those of public servers: reserved or used for private networks (RFC 2606, RFC 6761, RFC 6762,
/// RFC 7686, RFC 8375, RFC 9476, ICANN's `internal`), reverse lookups, and public names that stand for any address that the
/// caller writes into them, or for the machine itself.
const NEVER_PUBLIC: [&str; 31] = [
    "local",
    "internal",
    "intranet",
    "private",
    "lan",
    "home",
    "corp",
    "mail",
    "workgroup",
    "localdomain",
    "localnet",
    "router",
    "arpa",
    "test",
    "invalid",
    "onion",
    "alt",
    "consul",
    "svc",
    "cluster",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "lacolhost.com",
    "localho.st",
    "nip.io",
    "sslip.io",
    "xip.io",
    "traefik.me",
    "rbndr.us",
    "1u.ms",
];

/// Ports from 1024 of other protocols, which browsers block too (Fetch, "port blocking"), and of databases.
const OTHER_PROTOCOLS: [u32; 29] = [
    1_719, 1_720, 1_723, 2_049, 2_375, 3_306, 3_389, 3_659, 4_045, 4_190, 5_060, 5_061, 5_432, 5_900, 6_000, 6_379,
    6_566, 6_665, 6_666, 6_667, 6_668, 6_669, 6_679, 6_697, 9_200, 10_080, 11_211, 15_672, 27_017,
];

/// Whether a public HTTPS server may listen at a port: at its own, or at one that needs no privileges.
fn may_be_https(port: u32) -> bool {
    port == 443 || (port >= 1_024 && !OTHER_PROTOCOLS.contains(&port))
}

/// The network that a host is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Network {
    /// The internet, as far as the text shows.
    Public,
    /// The machine itself.
    Loopback,
    /// The machine's private network.
    Private,
}

/// The scheme of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

/// The environment of a deployment, which decides the addresses that it may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// On the machine of a developer, who may name URLs of that machine, also by HTTP.
    Development,
    /// Everywhere else.
    Production,
}

impl Environment {
    /// The environment of a deployment that received a request to this origin.
    #[must_use]
    pub fn of_origin(origin: &str) -> Self {
        if parse(origin) == Some((Scheme::Http, Network::Loopback)) { Self::Development } else { Self::Production }
    }
}

/// Checks a URL that the deployment is to call.
///
/// # Errors
/// The [`Rule`] that the URL breaks.
///
/// ```
/// use hookswitch::upstream::address::{Environment, check};
/// assert!(check("https://hooks.example/in?from=us", Environment::Production).is_ok());
/// assert!(check("https://169.254.169.254/latest", Environment::Production).is_err());
/// assert!(check("http://localhost:9000/in", Environment::Development).is_ok());
/// ```
pub fn check(url: &str, environment: Environment) -> Result<(), Rule> {
    // Some parsers read a backslash as a slash, and drop tabs and line breaks.
    let is_plain = url.len() <= URL_MAX && url.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'#' | b'\\'));
    let may_be_called = match parse(url) {
        Some((Scheme::Https, Network::Public)) => true,
        Some((_, Network::Loopback)) => environment == Environment::Development,
        _ => false,
    };
    if is_plain && may_be_called {
        return Ok(());
    }
    Err(Rule::new(
        "must be an https URL of a public host by its name, without a user or a fragment, at most 2048 characters",
    ))
}

/// The scheme of a URL and the network of its host; `None` for everything else.
fn parse(url: &str) -> Option<(Scheme, Network)> {
    let (scheme, rest) = match url.strip_prefix("https://") {
        Some(rest) => (Scheme::Https, rest),
        None => (Scheme::Http, url.strip_prefix("http://")?),
    };
    let (authority, _) = split_before(rest, |b| matches!(b, b'/' | b'?'))?;
    let (host, port) = match split_before(authority, |b| b == b']')? {
        (_, "") => split_before(authority, |b| b == b':')?,
        (address, _) => authority.split_at_checked(address.len().saturating_add(1))?,
    };
    let number = |text: &str| {
        let number = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        number.filter(|port: &u32| (1..=65_535).contains(port))
    };
    let port = if port.is_empty() { None } else { Some(port.strip_prefix(':').and_then(number)?) };
    let network = network_of(host)?;
    let is_valid = network != Network::Public || port.is_none_or(may_be_https);
    is_valid.then_some((scheme, network))
}

/// Splits a text before the first ASCII byte that matches.
fn split_before(text: &str, matches: fn(u8) -> bool) -> Option<(&str, &str)> {
    text.split_at_checked(text.bytes().position(matches).unwrap_or(text.len()))
}

/// The network of a host; `None` if the text is not a host. Only names are public: every public HTTPS server has one.
fn network_of(host: &str) -> Option<Network> {
    if matches!(host, "127.0.0.1" | "[::1]") {
        return Some(Network::Loopback);
    }
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let mut last = "";
    for label in name.split('.') {
        if !is_label(label) {
            return None;
        }
        last = label;
    }
    let is_under = |domain: &str| name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    Some(match last {
        "localhost" => Network::Loopback,
        _ if NEVER_PUBLIC.iter().any(|domain| is_under(domain)) => Network::Private,
        // A name without a dot is looked up in the private network first.
        _ if last == name => Network::Private,
        // An IPv4 address, also in the spellings that some parsers accept: one number, hexadecimal, octal.
        _ if last.starts_with(|first: char| first.is_ascii_digit()) => Network::Private,
        _ => Network::Public,
    })
}

#[cfg(test)]
mod tests {
    use super::Environment::{Development, Production};
    use super::*;

    #[test]
    fn https_url_of_a_public_host_is_accepted() {
        for url in [
            "https://hooks.example",
            "https://hooks.example/",
            "https://hooks.example?to=@here",
            "https://Hooks.Example.:8443/a/b%20c?d=e&f={token}",
            "https://a_b.xn--bcher-kva.example/",
            "https://localhost.example/",
            "https://127.0.0.1.example/",
        ] {
            assert_eq!(check(url, Production), Ok(()), "{url}");
            assert_eq!(check(url, Development), Ok(()), "{url}");
        }
        let long = |length: usize| format!("https://a.example/{}", "p".repeat(length - 18));
        assert!(check(&long(2_048), Production).is_ok() && check(&long(2_049), Production).is_err());
    }

    #[test]
    fn text_that_is_not_an_https_url_of_a_public_host_is_rejected() {
        for url in [
            "",
            "https",
            "https:",
            "https:/hooks.example/",
            "https://",
            "https:///hooks.example/",
            "HTTPS://hooks.example/",
            "//hooks.example/",
            "ftp://hooks.example/",
            "http://hooks.example/",
            "javascript:https://hooks.example/",
            " https://hooks.example/",
            "https://hooks.example/ ",
            "https://hooks.example/a b",
            "https://hooks.example/\t",
            "https://hooks.example/ü",
            "https://hooks.example/#part",
            "https://hooks.example#",
            "https://user@hooks.example/",
            "https://user:word@hooks.example/",
            "https://@hooks.example/",
            "https://hooks.example\\@10.0.0.1/",
            "https://hooks.example\\.evil.example/",
            "https://hooks..example/",
            "https://.hooks.example/",
            "https://hooks.example../",
            "https://./",
            "https://hooks.example:/",
            "https://hooks.example:0/",
            "https://hooks.example:65536/",
            "https://hooks.example:+443/",
            "https://hooks.example:443:443/",
            "https://{token}.example/",
            "https://hooks%2eexample/",
            "https://1%302.0.0.1/",
            "https://ｈooks.example/",
            "https://[hooks.example]/",
            "https://[::1/",
            "https://::1]/",
            "https://2606:4700::1111/",
        ] {
            for environment in [Production, Development] {
                assert!(check(url, environment).is_err(), "{url}");
            }
        }
    }

    #[test]
    fn addresses_in_every_spelling_and_private_names_are_rejected() {
        for host in [
            "0.0.0.0",
            "8.8.8.8",
            "127.9.9.9",
            "[2606:4700:4700::1111]",
            "[0:0::0:1]",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "168.63.129.16",
            "169.254.169.254",
            "169.254.169.254.",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.88.99.1",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "2130706433",
            "3232235777",
            "0x7f000001",
            "0X7F.1",
            "0x",
            "127.1",
            "127.0.1",
            "0177.0.0.1",
            "0300.0250.1.1",
            "010.0.0.1",
            "10.0.0.256",
            "8.8.8",
            "134744072",
            "1.2.3.4.5",
            "metadata.google.0x1",
            "[::]",
            "[::127.0.0.1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:ffff:a9fe:a9fe]",
            "[::ffff:0:10.0.0.1]",
            "[64:ff9b::10.0.0.1]",
            "[64:ff9b:1::a00:1]",
            "[100::1]",
            "[2001::1]",
            "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
            "[2001:db8::1]",
            "[2002:a00:1::1]",
            "[3fff::1]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[fe80::1%25eth0]",
            "[ff02::1]",
            "intranet",
            "metadata",
            "printer.local",
            "PRINTER.LOCAL.",
            "metadata.google.internal",
            "nas.lan",
            "router.home.arpa",
            "1.0.168.192.in-addr.arpa",
            "wiki.corp",
            "wiki.home",
            "db.localdomain",
            "localhost.localdomain",
            "a.intranet",
            "a.private",
            "a.test",
            "a.invalid",
            "a.onion",
            "db.default.svc",
            "db.service.consul",
            "a.svc.cluster.local",
            "localtest.me",
            "a.localtest.me",
            "A.LocalTest.Me.",
            "lvh.me",
            "127.0.0.1.nip.io",
            "10-0-0-1.sslip.io",
            "app.10.0.0.1.xip.io",
        ] {
            for (scheme, environment) in [("https", Production), ("https", Development), ("http", Development)] {
                assert!(check(&format!("{scheme}://{host}/"), environment).is_err(), "{scheme}://{host}/");
            }
        }
    }

    #[test]
    fn ports_of_other_protocols_are_rejected_except_on_the_machine_itself() {
        for (port, is_accepted) in [
            (443, true),
            (8_443, true),
            (1_024, true),
            (65_535, true),
            (22, false),
            (25, false),
            (80, false),
            (6_379, false),
        ] {
            let public = format!("https://hooks.example:{port}/");
            assert_eq!(check(&public, Production).is_ok(), is_accepted, "{port}");
            assert!(check(&format!("http://localhost:{port}/"), Development).is_ok(), "{port}");
        }
    }

    #[test]
    fn names_that_only_look_private_are_accepted() {
        for host in ["lan.example", "my-lan.example", "notlocaltest.me", "xnip.io", "corp.example", "test.example"] {
            assert!(check(&format!("https://{host}/"), Production).is_ok(), "{host}");
        }
    }

    #[test]
    fn loopback_is_accepted_in_development_only() {
        for host in ["localhost", "LocalHost.", "hooks.localhost", "127.0.0.1", "[::1]"] {
            for scheme in ["http", "https"] {
                for url in [format!("{scheme}://{host}:9000/in?a=b"), format!("{scheme}://{host}")] {
                    assert!(check(&url, Development).is_ok() && check(&url, Production).is_err(), "{url}");
                }
            }
        }
    }

    #[test]
    fn deployment_on_loopback_by_http_is_development() {
        for origin in ["http://127.0.0.1:8787", "http://localhost:8787", "http://[::1]:8787", "http://localhost"] {
            assert_eq!(Environment::of_origin(origin), Development, "{origin}");
        }
        for origin in
            ["https://localhost", "https://hookswitch.example", "http://hookswitch.example", "http://10.0.0.1"]
        {
            assert_eq!(Environment::of_origin(origin), Production, "{origin}");
        }
    }
}
