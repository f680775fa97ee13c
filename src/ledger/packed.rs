//! What only this program reads, in few bytes: postcard, and as text where a text is wanted.
//!
//! The format has no names in it: it changes whenever a type does. So it is used only for what is short-lived or can be
//! done without: messages to a ledger, copies of verdicts in KV (one that does not read is a miss), and answers kept
//! for a request that comes again. Everything else is in columns.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Packs a value into bytes; none, for a type that cannot be packed, which is none of ours.
pub(crate) fn to_bytes(value: &impl Serialize) -> Option<Vec<u8>> {
    postcard::to_allocvec(value).ok()
}

/// Reads what was packed into bytes.
pub(crate) fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

/// Packs a value into a text.
pub(crate) fn to_text(value: &impl Serialize) -> Option<String> {
    to_bytes(value).map(hex::encode)
}

/// Reads what was packed into a text.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str) -> Option<T> {
    from_bytes(&hex::decode(text).ok()?)
}
