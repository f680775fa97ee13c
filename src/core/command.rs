//! Commands to ledgers, their requests and replies.
//!
//! Each command is a struct with a typed outcome, next to its decision in [`mod@super::decide`]. Requests and replies cross the
//! border between Worker and ledger as JSON.
//!
//! ```
//! use hookswitch::core::decide::users::GetUser;
//! use hookswitch::core::{Command, Principal, Request};
//!
//! let request = Request::plain(Principal::Root, GetUser { user_id: "ada".parse().unwrap() });
//! assert_eq!(GetUser::NAME, "get_user");
//! assert!(request.message().unwrap().contains(r#""user_id":"ada""#));
//! ```

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::access::Principal;
use super::app::App;
use super::digest::Digest;
use super::error::DecisionError;
use super::handle::{Handle, HandleKind, MintNonce};
use super::ids::{ConnectionId, LedgerId, TokenId};
use super::keys::Keyring;
use super::token::TokenKind;
use super::token_ref::TokenRef;

/// Whether a command creates authority: a power to act that outlives the seconds for which an isolate remembers a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The command creates or changes a key, a user, an app, a secret, a provider, a webhook endpoint, a status ticket, a
    /// connection, a link or a token.
    ///
    /// It is decided for the user that sends it as that user is now: a ledger reads the key of its own user, and the Worker
    /// asks the user's ledger before it calls another one. So a revoked key or a lowered role leaves nothing behind.
    Created,
    /// The command reads, records or ends something.
    NotCreated,
}

/// A command to one class of ledger.
pub trait Command: Serialize + DeserializeOwned {
    /// The stable name of the command in messages.
    const NAME: &'static str;
    /// Whether the command creates authority. There is no default, so no new command can forget the rule.
    const AUTHORITY: Authority;
    /// The answer of a ledger that accepts the command.
    type Outcome: Serialize + DeserializeOwned;

    /// The handles to create for the command. One of each is created with the request.
    fn mints(&self) -> &'static [HandleKind] {
        &[]
    }
}

/// A token that was created for a request, as the ledger may know it: without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MintedToken {
    /// The kind of token.
    pub kind: TokenKind,
    /// The public id.
    pub token_id: TokenId,
    /// The digest of the secret.
    pub digest: Digest,
}

/// The handles that were created for a request: one for each of [`Command::mints`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MintedHandles {
    /// The nonce that they were derived from.
    pub nonce: MintNonce,
    /// The tokens; at most one of each kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<MintedToken>,
    /// The id of a connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<ConnectionId>,
    /// The digest of a client secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<Digest>,
}

impl MintedHandles {
    /// The token of this kind.
    ///
    /// # Errors
    /// [`DecisionError::Inconsistent`] if none was created, which means that the command's `mints` is wrong.
    pub(crate) fn token(&self, kind: TokenKind) -> Result<&MintedToken, DecisionError> {
        self.tokens.iter().find(|token| token.kind == kind).ok_or(DecisionError::Inconsistent)
    }

    /// The id of the connection.
    ///
    /// # Errors
    /// [`DecisionError::Inconsistent`] if none was created.
    pub(crate) fn connection_id(&self) -> Result<&ConnectionId, DecisionError> {
        self.connection_id.as_ref().ok_or(DecisionError::Inconsistent)
    }
}

/// The secrets of a request that creates handles, and what the ledger may know of them.
#[derive(Clone, Debug, Default)]
pub struct Minted {
    /// The handles in the order of [`Command::mints`].
    pub secrets: Vec<Handle>,
    /// The limits of what the ledger may read.
    pub handles: MintedHandles,
}

impl Minted {
    /// The text of the handle of this kind; `None` if none was created.
    #[must_use]
    pub fn secret(&self, kind: HandleKind) -> Option<String> {
        self.secrets.iter().find(|handle| handle.kind() == kind).map(Handle::text)
    }
}

impl Keyring {
    /// Creates the handles of a request from its nonce.
    #[must_use]
    pub fn mint_all(&self, nonce: MintNonce, kinds: &[HandleKind], ledger_id: LedgerId) -> Minted {
        let mut minted = Minted { secrets: Vec::new(), handles: MintedHandles { nonce, ..MintedHandles::default() } };
        for (index, kind) in (0_u8..).zip(kinds) {
            let handle = self.mint(nonce, index, *kind, ledger_id);
            match (TokenKind::of(*kind), kind) {
                (Some(kind), _) => {
                    let token_id = TokenId::stored(self.token_id(&handle).text());
                    minted.handles.tokens.push(MintedToken { kind, token_id, digest: handle.digest() });
                }
                (None, HandleKind::ConnectionId) => {
                    minted.handles.connection_id = Some(ConnectionId::stored(handle.text()));
                }
                (None, _) => minted.handles.client_secret = Some(handle.digest()),
            }
            minted.secrets.push(handle);
        }
        minted
    }

    /// Derives again the handles that an earlier request with the same `Idempotency-Key` created.
    ///
    /// Returns `None` if the secret that created them was dropped.
    #[must_use]
    pub fn mint_all_again(&self, handles: &MintedHandles, ledger_id: LedgerId) -> Option<Minted> {
        let tokens = handles.tokens.iter().map(|token| (token.kind.handle(), &token.digest));
        let secrets = tokens.chain(handles.client_secret.iter().map(|digest| (HandleKind::ClientSecret, digest)));
        let secrets = (0_u8..)
            .zip(secrets)
            .map(|(index, (kind, digest))| self.mint_again(handles.nonce, index, kind, ledger_id, digest));
        Some(Minted { secrets: secrets.collect::<Option<_>>()?, handles: handles.clone() })
    }
}

/// How a repeated request is recognised: the `Idempotency-Key` header, or the use of a rotating refresh token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyKey {
    /// The digest of the caller and the key.
    pub key: Digest,
    /// The digest of the request: path, query and body.
    pub request: Digest,
    /// Set for the use of a rotating refresh token, which `key` stands for then: for how many seconds a second use gets
    /// the same answer even without the same `Idempotency-Key`.
    pub grace: Option<u32>,
}

/// A command with everything that its decision needs.
///
/// `C` is the command, or its JSON (`Box<RawValue>`) in code that is the same for all commands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(serialize = "C: Serialize", deserialize = "C: DeserializeOwned"))]
pub struct Request<C> {
    /// The caller that makes the request.
    pub principal: Principal,
    /// The command.
    pub command: C,
    /// The app that the command names; `None` if it does not exist or the command names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<App>,
    /// The handles that were created for the command.
    #[serde(default)]
    pub minted: MintedHandles,
    /// How the request is recognised if it is repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency: Option<IdempotencyKey>,
}

impl<C: Command> Request<C> {
    /// A request that creates no handles and is not idempotent.
    #[must_use]
    pub fn plain(principal: Principal, command: C) -> Self {
        Self { principal, command, app: None, minted: MintedHandles::default(), idempotency: None }
    }

    /// The API key that the ledger of its owner verifies again, because the command creates authority.
    #[must_use]
    pub const fn key_to_verify(&self) -> Option<&TokenRef> {
        match (C::AUTHORITY, &self.principal) {
            (Authority::Created, Principal::User { key, .. }) => Some(key),
            _ => None,
        }
    }
}

/// The answer of a ledger to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply<O> {
    /// The outcome, or why the command was refused.
    pub outcome: Result<O, DecisionError>,
    /// The handles of the earlier request, if this is the answer to a repeated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed: Option<MintedHandles>,
}

/// The version of messages. A ledger refuses messages of a version that it does not know, so a message that narrows rights
/// is never half understood while a deployment rolls out.
pub const MESSAGE_VERSION: u32 = 1;

/// A request as it crosses the border to a ledger.
#[derive(Debug, Serialize, Deserialize)]
pub struct Message<'a> {
    /// The version that the reader must know.
    pub version: u32,
    /// The name of the command.
    pub command: &'a str,
    /// The request.
    #[serde(borrow)]
    pub request: &'a serde_json::value::RawValue,
}

impl<C: Command> Request<C> {
    /// The request as a message.
    ///
    /// # Errors
    /// None for the types of this crate: all of them serialize.
    pub fn message(&self) -> Result<String, serde_json::Error> {
        self.message_of(C::NAME)
    }
}

impl<C: Serialize> Request<C> {
    /// The request as a message that names this command.
    ///
    /// # Errors
    /// None for the types of this crate: all of them serialize.
    pub fn message_of(&self, command: &str) -> Result<String, serde_json::Error> {
        let request = serde_json::value::to_raw_value(self)?;
        serde_json::to_string(&Message { version: MESSAGE_VERSION, command, request: &request })
    }

    /// The same request with another command, or with its command in another form.
    pub fn with_command<D>(self, command: D) -> Request<D> {
        let Self { principal, app, minted, idempotency, command: _ } = self;
        Request { principal, command, app, minted, idempotency }
    }
}
