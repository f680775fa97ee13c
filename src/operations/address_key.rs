//! The key under which the rate limit counts callers that could be anybody: their network.

use std::net::{IpAddr, Ipv6Addr};

/// The network of an IP address: the address itself, or the /64 network of an IPv6 address, which is what one customer gets.
///
/// ```
/// use hookswitch::operations::network_of;
/// assert_eq!(network_of("192.0.2.7"), "192.0.2.7");
/// assert_eq!(network_of("2001:db8:1:2:3:4:5:6"), network_of("2001:db8:1:2::1"));
/// assert_ne!(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:3::1"));
/// assert_eq!(network_of("::ffff:192.0.2.7"), "192.0.2.7");
/// ```
#[must_use]
pub fn network_of(address: &str) -> String {
    match address.trim().parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.trim().to_owned(),
    }
}
