//! The form of a text: which kind of handle or ticket it looks like. This needs no secret, so a browser can recognise it.
//!
//! ```
//! use hookswitch::core::handle_format::recognise;
//!
//! let text = format!("ca_{}", "0".repeat(48));
//! assert_eq!(recognise(&text).unwrap().as_str(), "connection_id");
//! assert!(recognise("ca_0").is_none());
//! ```

use super::handle::{self, HandleKind};
use super::ticket;

/// The kind of handle or ticket that a text looks like. Only a deployment knows whether it created the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandleFormat {
    /// A token, an id or a client secret.
    Handle(HandleKind),
    /// `hst_`: a status ticket. Secret.
    StatusTicket,
}

impl HandleFormat {
    /// The name of the kind.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Handle(kind) => kind.as_str(),
            Self::StatusTicket => "status_ticket",
        }
    }

    /// Whether the text is a secret.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        match self {
            Self::Handle(kind) => kind.is_secret(),
            Self::StatusTicket => true,
        }
    }

    /// The prefix before the hex digits, in the canonical spelling.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Handle(kind) => kind.prefix(),
            Self::StatusTicket => ticket::PREFIX,
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Handle(_) => handle::LENGTH,
            Self::StatusTicket => ticket::LENGTH,
        }
    }
}

fn parts(text: &str) -> Option<(HandleFormat, &str)> {
    let (format, hex) = match text.strip_prefix(ticket::PREFIX) {
        Some(hex) => (HandleFormat::StatusTicket, hex),
        None => handle::split(text).map(|(kind, hex)| (HandleFormat::Handle(kind), hex))?,
    };
    let fits = hex.len() == format.bytes().saturating_mul(2) && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
    fits.then_some((format, hex))
}

/// The format of a text; `None` if it looks like no handle or ticket.
#[must_use]
pub fn recognise(text: &str) -> Option<HandleFormat> {
    Some(parts(text)?.0)
}

/// The format of a text and its canonical spelling: the canonical prefix and lower-case hex digits.
#[must_use]
pub fn canonical(text: &str) -> Option<(HandleFormat, String)> {
    let (format, hex) = parts(text)?;
    Some((format, format!("{}{}", format.prefix(), hex.to_ascii_lowercase())))
}
