//! Names of what a history made: the number of the request that made it, and a letter.
//!
//! `c` is a connection token, `a` an access token, `r` a refresh token, `l` a connection.

use hookswitch::core::request::{Fresh, Minting};
use hookswitch::core::target::TokenName;
use hookswitch::core::{Command, ConnectionId, Digest, Kind, TokenId, TokenKind};

use crate::kit;

const LETTERS: [(TokenKind, char); 3] =
    [(TokenKind::ConnectionToken, 'c'), (TokenKind::AccessToken, 'a'), (TokenKind::RefreshToken, 'r')];

/// What a request with this number mints.
pub(crate) fn minting(command: &Command, number: u64) -> Minting {
    let mut minting = Minting::default();
    for kind in command.mints() {
        if let Some(token) = TokenKind::of(*kind) {
            let code = code(number, token);
            minting.tokens.push(Fresh { kind: token, token_id: kit::token_id(code), digest: kit::digest(code) });
        } else if *kind == Kind::ConnectionId {
            minting.connection_id = Some(kit::connection_id(number));
        }
    }
    minting
}

/// One number for a token: that of its request, and after it one for its kind.
fn code(number: u64, kind: TokenKind) -> u64 {
    number * 8 + u64::from(kind.bit())
}

/// What a ledger looks the token of this name up by. A name that nothing has is looked up as well.
pub(crate) fn token(name: &str) -> TokenName {
    let (number, letter) = name.split_at(name.len().saturating_sub(1));
    let kind = LETTERS.iter().find(|(_, of)| letter.starts_with(*of)).map(|(kind, _)| *kind);
    match (number.parse(), kind) {
        (Ok(number), Some(kind)) => TokenName::Secret(kind, kit::digest(code(number, kind))),
        _ => TokenName::Secret(TokenKind::ConnectionToken, Digest::of(name.as_bytes())),
    }
}

/// The connection of this name.
pub(crate) fn connection(name: &str) -> ConnectionId {
    kit::connection_id(name.trim_end_matches('l').parse().unwrap_or(u64::MAX))
}

pub(crate) fn of_token(id: &TokenId) -> String {
    let code = hex(id.as_str());
    let (kind, letter) = LETTERS.iter().find(|(kind, _)| u64::from(kind.bit()) == code % 8).expect("a kind");
    assert_eq!(kit::token_id(code), *id, "{kind:?}");
    format!("{}{letter}", code / 8)
}

pub(crate) fn of_connection(id: &ConnectionId) -> String {
    format!("{}l", hex(id.as_str()))
}

fn hex(text: &str) -> u64 {
    let digits = text.rsplit('_').next().unwrap_or_default();
    u64::from_str_radix(digits.trim_start_matches('0'), 16).unwrap_or_default()
}
