//! What only this program reads, as text where a text is wanted: see [`crate::core::pack`].
//!
//! The format has no names in it: it changes whenever a type does. So it is used only for what is short-lived or can be
//! done without: messages to a ledger, copies of verdicts in KV (one that does not read is a miss), and answers kept
//! for a request that comes again. Everything else is in columns.

use crate::core::pack::{Pack, pack, unpack};

/// Packs a value into a text.
pub(crate) fn to_text(value: &impl Pack) -> String {
    hex::encode(pack(value))
}

/// Reads what was packed into a text.
pub(crate) fn from_text<T: Pack>(text: &str) -> Option<T> {
    unpack(&bytes(text)?)
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    hex::decode(text).ok()
}
