//! The URLs that a deployment may call when somebody else provides the URL: public hosts by HTTPS.
//!
//! This keeps callers from reaching services behind the deployment. The parser is stricter than every HTTP client: a URL
//! that two parsers could read differently is rejected. The address that a name resolves to is not known here, so the
//! client follows no redirects.

use crate::core::Rule;

/// The longest URL, in bytes.
const URL_MAX: usize = 2_048;

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

/// Where a deployment runs.
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
    let is_port = |text: &str| {
        text.bytes().all(|b| b.is_ascii_digit()) && text.parse().is_ok_and(|port: u32| (1..=65_535).contains(&port))
    };
    let has_valid_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    network_of(host).filter(|_| has_valid_port).map(|network| (scheme, network))
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
    Some(match last {
        "localhost" => Network::Loopback,
        "local" | "internal" => Network::Private,
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
        ] {
            for (scheme, environment) in [("https", Production), ("https", Development), ("http", Development)] {
                assert!(check(&format!("{scheme}://{host}/"), environment).is_err(), "{scheme}://{host}/");
            }
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
