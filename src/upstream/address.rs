//! Which URLs a deployment calls where others say the URL: public hosts by https, so that nobody reaches through it what
//! stands behind it.
//!
//! A URL is read here more strictly than any client reads it: what one parser takes for a host and another for something
//! else is refused. What address a name stands for is not known here; whoever calls follows no redirect.

/// The longest URL, in bytes.
const URL_MAX: usize = 2_048;

/// Who answers at a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Somebody on the internet, as far as the text tells.
    Public,
    /// This machine.
    Loopback,
    /// Whoever is near this machine.
    Near,
}

/// Checks a URL to be called. In development, this machine may be called as well, by http too.
///
/// # Errors
/// What it has to be.
///
/// ```
/// use hookswitch::upstream::address::check;
/// assert!(check("https://hooks.example/in?from=us", false).is_ok());
/// assert!(check("https://169.254.169.254/latest", false).is_err());
/// assert!(check("http://localhost:9000/in", true).is_ok());
/// ```
pub fn check(url: &str, development: bool) -> Result<(), &'static str> {
    // Some read a backslash as a slash, and drop tabs and ends of lines.
    let plain = url.len() <= URL_MAX && url.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'#' | b'\\'));
    match reach(url).filter(|_| plain) {
        Some((true, Reach::Public)) => Ok(()),
        Some((_, Reach::Loopback)) if development => Ok(()),
        _ => Err(
            "must be an https URL of a public host by its name, without a user or a fragment, at most 2048 characters",
        ),
    }
}

/// Whether a request that was made to this origin was made on the machine of whoever develops.
#[must_use]
pub fn is_development(origin: &str) -> bool {
    reach(origin) == Some((false, Reach::Loopback))
}

/// Whether a URL is one of https and not of http, and whom it reaches; none, where it is no such URL.
fn reach(url: &str) -> Option<(bool, Reach)> {
    let (secure, rest) = match url.strip_prefix("https://") {
        Some(rest) => (true, rest),
        None => (false, url.strip_prefix("http://")?),
    };
    let (authority, _) = cut(rest, |b| matches!(b, b'/' | b'?'))?;
    let (host, port) = match cut(authority, |b| b == b']')? {
        (_, "") => cut(authority, |b| b == b':')?,
        (address, _) => authority.split_at_checked(address.len().saturating_add(1))?,
    };
    let is_port = |text: &str| {
        text.bytes().all(|b| b.is_ascii_digit()) && text.parse().is_ok_and(|port: u32| (1..=65_535).contains(&port))
    };
    let plain = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    of_host(host).filter(|_| plain).map(|reach| (secure, reach))
}

/// A text up to the first such byte of ASCII, and the rest.
fn cut(text: &str, ends: fn(u8) -> bool) -> Option<(&str, &str)> {
    text.split_at_checked(text.bytes().position(ends).unwrap_or(text.len()))
}

/// Names alone are public: whoever serves others by https has one.
fn of_host(host: &str) -> Option<Reach> {
    if matches!(host, "127.0.0.1" | "[::1]") {
        return Some(Reach::Loopback);
    }
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let of_name =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let mut last = "";
    for label in name.split('.') {
        if !of_name(label) {
            return None;
        }
        last = label;
    }
    Some(match last {
        "localhost" => Reach::Loopback,
        "local" | "internal" => Reach::Near,
        // A name that is searched for nearby first.
        _ if last == name => Reach::Near,
        // An address, or what some read as one: a single number, hexadecimal, octal.
        _ if last.starts_with(|first: char| first.is_ascii_digit()) => Reach::Near,
        _ => Reach::Public,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_hosts_are_called_by_https() {
        for url in [
            "https://hooks.example",
            "https://hooks.example/",
            "https://hooks.example?to=@here",
            "https://Hooks.Example.:8443/a/b%20c?d=e&f={token}",
            "https://a_b.xn--bcher-kva.example/",
            "https://localhost.example/",
            "https://127.0.0.1.example/",
        ] {
            assert_eq!(check(url, false), Ok(()), "{url}");
            assert_eq!(check(url, true), Ok(()), "{url}");
        }
        let long = |length: usize| format!("https://a.example/{}", "p".repeat(length - 18));
        assert!(check(&long(2_048), false).is_ok() && check(&long(2_049), false).is_err());
    }

    #[test]
    fn what_is_no_url_of_a_public_host_is_refused() {
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
            for development in [false, true] {
                assert!(check(url, development).is_err(), "{url}");
            }
        }
    }

    #[test]
    fn no_address_is_called_in_any_spelling_and_no_name_that_is_nearby() {
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
            for (scheme, development) in [("https", false), ("https", true), ("http", true)] {
                assert!(check(&format!("{scheme}://{host}/"), development).is_err(), "{scheme}://{host}/");
            }
        }
    }

    #[test]
    fn this_machine_is_called_in_development_alone() {
        for host in ["localhost", "LocalHost.", "hooks.localhost", "127.0.0.1", "[::1]"] {
            for scheme in ["http", "https"] {
                for url in [format!("{scheme}://{host}:9000/in?a=b"), format!("{scheme}://{host}")] {
                    assert!(check(&url, true).is_ok() && check(&url, false).is_err(), "{url}");
                }
            }
        }
    }

    #[test]
    fn development_is_what_is_served_from_this_machine_by_http() {
        for origin in ["http://127.0.0.1:8787", "http://localhost:8787", "http://[::1]:8787", "http://localhost"] {
            assert!(is_development(origin), "{origin}");
        }
        for origin in
            ["https://localhost", "https://hookswitch.example", "http://hookswitch.example", "http://10.0.0.1"]
        {
            assert!(!is_development(origin), "{origin}");
        }
    }
}
