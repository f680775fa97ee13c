//! Names of what a history created: the number of the request that created it, and a letter.
//!
//! `c` is a connection token, `a` an access token, `r` a refresh token, `l` a connection.

use hookswitch::core::command::{MintedHandles, MintedToken};
use hookswitch::core::{Command, ConnectionId, Digest, HandleKind, TokenId, TokenKind, TokenRef};

use crate::kit;

const LETTERS: [(TokenKind, char); 3] =
    [(TokenKind::ConnectionToken, 'c'), (TokenKind::AccessToken, 'a'), (TokenKind::RefreshToken, 'r')];

/// The handles that are created for a request with this number.
pub(crate) fn minted<C: Command>(command: &C, number: u64) -> MintedHandles {
    let mut minted = MintedHandles::default();
    for kind in command.mints() {
        if let Some(token) = TokenKind::of(*kind) {
            let code = code(number, token);
            minted.tokens.push(MintedToken { kind: token, token_id: kit::token_id(code), digest: kit::digest(code) });
        } else if *kind == HandleKind::ConnectionId {
            minted.connection_id = Some(kit::connection_id(number));
        }
    }
    minted
}

/// The number of a token: that of its request, and three bits for its kind.
fn code(number: u64, kind: TokenKind) -> u64 {
    number * 8 + u64::from(kind.bit())
}

/// The token with this name. A name that nothing has gives a token that does not exist.
pub(crate) fn token(name: &str) -> TokenRef {
    let (number, letter) = name.split_at(name.len().saturating_sub(1));
    let kind = LETTERS.iter().find(|(_, of)| letter.starts_with(*of)).map(|(kind, _)| *kind);
    match (number.parse(), kind) {
        (Ok(number), Some(kind)) => kit::secret(kind, code(number, kind)),
        _ => TokenRef::Secret { kind: TokenKind::ConnectionToken, digest: Digest::of(name.as_bytes()) },
    }
}

/// The connection with this name.
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
