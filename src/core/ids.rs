//! Names of things: each its own type, checked where it is made.

use std::fmt;

use super::pack::packed;
use sha2::{Digest as _, Sha256};

/// Why a text is not an id. The words are for whoever sent it, and do not repeat what was sent.
pub type BadId = &'static str;

/// Makes a newtype over `String` whose only ways in are a check and the storage that holds what was checked.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        packed!(struct $name(text));

        impl $name {
            /// Checks the text and takes it as it is.
            ///
            /// # Errors
            /// What such an id has to be.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                let check: fn(&str) -> Result<(), BadId> = $check;
                check(text)?;
                Ok(Self(text.to_owned()))
            }

            /// What storage holds: the text that [`Self::as_str`] gave.
            #[must_use]
            pub const fn stored(text: String) -> Self {
                Self(text)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn opaque(text: &str, max: usize, otherwise: BadId) -> Result<(), BadId> {
    let fits = (1..=max).contains(&text.len()) && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(otherwise) }
}

fn handle(text: &str, prefix: &str, otherwise: BadId) -> Result<(), BadId> {
    let hex = text.strip_prefix(prefix).unwrap_or_default();
    if hex.len() == 48 && hex.bytes().all(|b| b.is_ascii_hexdigit()) { Ok(()) } else { Err(otherwise) }
}

text_id!(
    /// A user: 1 to 128 bytes without control characters. `root`, `system` and what begins with `app:` are reserved for
    /// who acts without a user.
    UserId,
    |text| {
        if matches!(text, "root" | "system") || text.starts_with("app:") {
            return Err("is reserved");
        }
        opaque(text, 128, "must be 1 to 128 bytes without control characters")
    }
);

text_id!(
    /// An app that users connect to: 1 to 128 bytes without control characters.
    AppId,
    |text| opaque(text, 128, "must be 1 to 128 bytes without control characters")
);

text_id!(
    /// A group that users share: 1 to 64 bytes without control characters.
    Group,
    |text| opaque(text, 64, "must be 1 to 64 bytes without control characters")
);

text_id!(
    /// Another system's name for a user: 1 to 128 of letters, digits, `.`, `_`, `-` and `|` (Stytch's rule).
    ExternalId,
    |text| {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '|');
        if (1..=128).contains(&text.len()) && text.chars().all(fits) {
            Ok(())
        } else {
            Err("must be 1 to 128 letters, digits, '.', '_', '-' or '|'")
        }
    }
);

text_id!(
    /// The public name of a token: `tok_` and 48 hex digits. Looks a token up and revokes it; can never be used.
    ///
    /// Made from a verified [`super::Handle`]; see [`super::Target`].
    TokenId,
    |text| handle(text, "tok_", "must be tok_ followed by 48 hex digits")
);

text_id!(
    /// A connection: `ca_` and 48 hex digits. Names it, and opens nothing.
    ///
    /// Made from a verified [`super::Handle`].
    ConnectionId,
    |text| handle(text, "ca_", "must be ca_ followed by 48 hex digits")
);

text_id!(
    /// A provider: 1 to 64 of small letters, digits, `_` and `-`.
    Slug,
    |text| {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
        if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
            Ok(())
        } else {
            Err("must be 1 to 64 small letters, digits, '_' or '-'")
        }
    }
);

/// Names a ledger: the first 8 bytes of SHA-256 over a fixed label and the id of whom it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shard(pub(crate) [u8; 8]);

impl Shard {
    /// The ledger of this user.
    #[must_use]
    pub fn of(user: &UserId) -> Self {
        Self::labelled("hookswitch/v1/user\0", user.as_str())
    }

    /// The ledger that holds this app's registration.
    #[must_use]
    pub fn of_app(app: &AppId) -> Self {
        Self::labelled("hookswitch/v1/app\0", app.as_str())
    }

    /// The ledger that knows which user has this external id.
    #[must_use]
    pub fn of_external_id(id: &ExternalId) -> Self {
        Self::labelled("hookswitch/v1/external-id\0", id.as_str())
    }

    /// The ledger of what belongs to no user.
    #[must_use]
    pub fn of_operator() -> Self {
        Self::labelled("hookswitch/v1/operator\0", "")
    }

    fn labelled(label: &str, id: &str) -> Self {
        let hash = Sha256::new().chain_update(label).chain_update(id).finalize();
        Self(hash.first_chunk::<8>().copied().unwrap_or_default())
    }

    /// The name of what has a place in the ledger: a prefix, the ledger's name, the place.
    pub(crate) fn place(self, prefix: &str, seq: u64) -> String {
        format!("{prefix}{}{seq:08x}", self.name())
    }

    /// The ledger's name: 16 hex digits.
    #[must_use]
    pub fn name(self) -> String {
        hex::encode(self.0)
    }
}
