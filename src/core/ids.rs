//! Names of things: each its own type, checked where it is made.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Why a text is not an id. The words are for whoever sent it, and do not repeat what was sent.
pub type BadId = &'static str;

/// Makes a newtype over `String` whose only ways in are a check and the storage that holds what was checked.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(String);

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

text_id!(
    /// A user: 1 to 128 bytes without control characters. `root` and `system` are reserved for who acts without a user.
    UserId,
    |text| {
        if matches!(text, "root" | "system") {
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
    |text| {
        let hex = text.strip_prefix("tok_").unwrap_or_default();
        if hex.len() == 48 && hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(())
        } else {
            Err("must be tok_ followed by 48 hex digits")
        }
    }
);

/// Names a user's ledger: the first 8 bytes of SHA-256 over a fixed label and the user id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shard(pub(crate) [u8; 8]);

impl Shard {
    /// The ledger of this user.
    #[must_use]
    pub fn of(user: &UserId) -> Self {
        let hash = Sha256::new().chain_update(b"hookswitch/v1/user\0").chain_update(user.as_str()).finalize();
        Self(hash.first_chunk::<8>().copied().unwrap_or_default())
    }

    /// The ledger's name: 16 hex digits.
    #[must_use]
    pub fn name(self) -> String {
        hex::encode(self.0)
    }
}
