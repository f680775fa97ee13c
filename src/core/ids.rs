//! Ids: each has its own type, and its rule is checked when it is parsed.
//!
//! ```
//! use hookswitch::core::{ExternalId, LedgerId, UserId};
//!
//! let user: UserId = "ada".parse().unwrap();
//! assert_eq!(LedgerId::of_user(&user), LedgerId::of_user(&user));
//! assert!("root".parse::<UserId>().is_err());
//! assert!("crm|4711".parse::<ExternalId>().is_ok());
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::rule::Rule;

/// Declares a newtype over `String` that is parsed with a check.
///
/// `stored` takes a text that was checked before it was stored.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps a text that was checked before it was stored.
            #[must_use]
            pub const fn stored(text: String) -> Self {
                Self(text)
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Rule;

            fn from_str(text: &str) -> Result<Self, Rule> {
                let check: fn(&str) -> Result<(), Rule> = $check;
                check(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn require(fits: bool, rule: &'static str) -> Result<(), Rule> {
    if fits { Ok(()) } else { Err(Rule::new(rule)) }
}

/// Whether the text is an opaque id: readers can distinguish it from every other id, because each character is visible.
fn is_opaque(text: &str, max: usize) -> bool {
    let is_hidden = |c: char| c.is_control() || is_invisible(c);
    (1..=max).contains(&text.len()) && !text.chars().any(is_hidden) && text.trim() == text
}

/// Whether a character has no shape of its own, or changes the direction of the text around it.
///
/// These are the default-ignorable code points, the bidirectional controls, the separators of lines and paragraphs (Unicode
/// 16, `DerivedCoreProperties` and `PropList`), and the blank pattern of Braille.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The rule of opaque ids of up to 128 bytes.
const OPAQUE: &str = "must be 1 to 128 bytes without control or invisible characters, and without spaces at its ends";

fn is_handle(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|hex| hex.len() == 48 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

text_id!(
    /// A user id: 1 to 128 bytes without control or invisible characters, and without spaces at its ends.
    ///
    /// `root`, `system` and ids that begin with `app:` are reserved for actors that are not users.
    UserId,
    |text| {
        require(!matches!(text, "root" | "system") && !text.starts_with("app:"), "is reserved")?;
        require(is_opaque(text, 128), OPAQUE)
    }
);

text_id!(
    /// An app id: 1 to 128 bytes without control or invisible characters, and without spaces at its ends. It is the app's OAuth
    /// `client_id`.
    AppId,
    |text| require(is_opaque(text, 128), OPAQUE)
);

text_id!(
    /// A group of users: 1 to 64 bytes without control or invisible characters, and without spaces at its ends.
    Group,
    |text| {
        let rule = "must be 1 to 64 bytes without control or invisible characters, and without spaces at its ends";
        require(is_opaque(text, 64), rule)
    }
);

text_id!(
    /// The id of a user in another system: 1 to 128 letters, digits, `.`, `_`, `-` or `|` (Stytch's rule).
    ExternalId,
    |text| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '|');
        let fits = (1..=128).contains(&text.len()) && text.chars().all(is_allowed);
        require(fits, "must be 1 to 128 letters, digits, '.', '_', '-' or '|'")
    }
);

text_id!(
    /// The public id of a token: `tok_` and 48 hex digits. It names a token and revokes it, and can never be used.
    TokenId,
    |text| require(is_handle(text, "tok_"), "must be tok_ followed by 48 hex digits")
);

text_id!(
    /// The public id of a connection: `ca_` and 48 hex digits.
    ConnectionId,
    |text| require(is_handle(text, "ca_"), "must be ca_ followed by 48 hex digits")
);

text_id!(
    /// The name of a provider or webhook endpoint: 1 to 64 lower-case letters, digits, `_` or `-`.
    Slug,
    |text| {
        let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(is_allowed);
        require(fits, "must be 1 to 64 lower-case letters, digits, '_' or '-'")
    }
);

/// The id of a ledger: the first 8 bytes of SHA-256 over a fixed label and the id of its subject.
///
/// It is derived, so a handle finds its ledger without a lookup (design: handles).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LedgerId(pub(crate) [u8; 8]);

impl LedgerId {
    /// The ledger of a user.
    #[must_use]
    pub fn of_user(user: &UserId) -> Self {
        Self::derive("hookswitch/v1/user\0", user.as_str())
    }

    /// The registry of an app.
    #[must_use]
    pub fn of_app(app: &AppId) -> Self {
        Self::derive("hookswitch/v1/app\0", app.as_str())
    }

    /// The ledger that records which user has an external id.
    #[must_use]
    pub fn of_external_id(id: &ExternalId) -> Self {
        Self::derive("hookswitch/v1/external-id\0", id.as_str())
    }

    /// The ledger of providers and webhook endpoints. There is one for each deployment.
    #[must_use]
    pub fn of_operator() -> Self {
        Self::derive("hookswitch/v1/operator\0", "")
    }

    fn derive(label: &str, id: &str) -> Self {
        let hash = Sha256::new().chain_update(label).chain_update(id).finalize();
        Self(hash.first_chunk::<8>().copied().unwrap_or_default())
    }

    /// The name of the ledger's Durable Object: 16 hex digits.
    #[must_use]
    pub fn name(self) -> String {
        hex::encode(self.0)
    }

    /// The ledger with this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let mut bytes = [0; 8];
        hex::decode_to_slice(name, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// The id of a numbered row of this ledger: a prefix, the ledger's name, and the number in hex.
    pub(crate) fn numbered(self, prefix: &str, seq: u64) -> String {
        format!("{prefix}{}{seq:08x}", self.name())
    }
}

impl Serialize for LedgerId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for LedgerId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let mut bytes = [0; 8];
        hex::decode_to_slice(text.as_ref(), &mut bytes).map_err(|_| serde::de::Error::custom("not a ledger id"))?;
        Ok(Self(bytes))
    }
}
