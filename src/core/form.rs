//! What a text is by its form alone, whoever made it. That needs no secret, so a browser can tell.

use super::codec::{self, Kind};
use super::ticket;

/// What a text looks like. It says nothing about whether a deployment made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// A token, an id or a client's secret.
    Handle(Kind),
    /// `hst_`: lets its holder read one status for a while. Secret.
    StatusTicket,
}

impl Form {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Handle(kind) => kind.as_str(),
            Self::StatusTicket => "status_ticket",
        }
    }

    /// Whether who has it can do something with it.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        match self {
            Self::Handle(kind) => kind.is_secret(),
            Self::StatusTicket => true,
        }
    }

    /// The letters before the hex digits, in the canonical spelling.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Handle(kind) => kind.prefix(),
            Self::StatusTicket => ticket::PREFIX,
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Handle(_) => codec::LENGTH,
            Self::StatusTicket => ticket::LENGTH,
        }
    }
}

/// What a text is, and its hex digits as they came; none, where it is nothing that is made here.
fn parts(text: &str) -> Option<(Form, &str)> {
    let (form, hex) = match text.strip_prefix(ticket::PREFIX) {
        Some(hex) => (Form::StatusTicket, hex),
        None => codec::split(text).map(|(kind, hex)| (Form::Handle(kind), hex))?,
    };
    let fits = hex.len() == form.bytes().saturating_mul(2) && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
    fits.then_some((form, hex))
}

/// What a text is.
#[must_use]
pub fn recognise(text: &str) -> Option<Form> {
    Some(parts(text)?.0)
}

/// What a text is, and its canonical spelling: one prefix for each, and small hex digits.
#[must_use]
pub fn canonical(text: &str) -> Option<(Form, String)> {
    let (form, hex) = parts(text)?;
    let mut spelled = form.prefix().to_owned();
    spelled.extend(hex.chars().map(|digit| digit.to_ascii_lowercase()));
    Some((form, spelled))
}
