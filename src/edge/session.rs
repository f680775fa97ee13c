//! Who asks, and having a ledger decide what they ask.

use super::execute::{Executor, Work};
use super::memory;
use crate::core::codec::Nonce;
use crate::core::request::{Fresh, Minting, Retry};
use crate::core::{
    Answer, App, Command, ConnectionId, Handle, Kind, Outcome, Principal, Refusal, Request, Shard, TokenId, TokenKind,
};
use crate::dialects::Failure;
use crate::platform::ledgers::Pending;

/// Who asks, with what it takes to do what they ask for.
pub(super) struct Session<'a> {
    pub(super) executor: &'a Executor<'a>,
    pub(super) principal: Principal,
    /// How to know the request when it comes again.
    pub(super) retry: Option<Retry>,
}

impl Session<'_> {
    /// Has a ledger decide and commit a command, with the app whose registration that takes: this one, where it is known
    /// already. What the command may mint is minted of this nonce, where something was made of it before.
    pub(super) async fn run(
        &self,
        shard: Shard,
        command: Command,
        app: Option<App>,
        nonce: Option<Nonce>,
    ) -> Result<Work, Failure> {
        let app = match app {
            None => self.executor.apps(command.app_id().as_slice()).await?.pop(),
            known => known,
        };
        let (handles, pending) = self.start(shard, command, app, nonce)?;
        let answer = pending.await?;
        self.executor.work(answer, handles, shard)
    }

    /// Starts it. Nothing but what was minted is kept meanwhile: what is alive while a promise is waited for costs code.
    fn start(
        &self,
        shard: Shard,
        command: Command,
        app: Option<App>,
        nonce: Option<Nonce>,
    ) -> Result<(Vec<Handle>, Pending<Answer>), Failure> {
        let kinds = command.mints();
        let nonce = match nonce {
            Some(nonce) => nonce,
            None if kinds.is_empty() => Nonce::default(),
            None => fresh_nonce()?,
        };
        let (handles, minting) = self.executor.mint(nonce, kinds, shard)?;
        let (principal, retry) = (self.principal.clone(), self.retry.clone());
        let request = Request { principal, command, app, minting, retry };
        Ok((handles, self.executor.ledgers.run(shard, &request)))
    }

    /// Starts to ask a ledger something that changes nothing.
    pub(super) fn look(&self, shard: Shard, command: Command) -> Pending<Answer> {
        self.executor.ledgers.run(shard, &Request::plain(self.principal.clone(), command))
    }
}

impl Executor<'_> {
    /// What came of a command, from its ledger's answer.
    fn work(&self, answer: Answer, handles: Vec<Handle>, shard: Shard) -> Result<Work, Failure> {
        let outcome = answer.outcome?;
        let replayed = answer.replayed.is_some();
        // An earlier answer may be of an app as it was.
        if let (Outcome::App(app, _) | Outcome::AppWithSecret(app, _), false) = (&outcome, replayed) {
            memory::remember_app(&app.app_id, Some(app), self.now);
        }
        let handles = match answer.replayed {
            None => handles,
            Some(earlier) => self.mint_again(&earlier, shard)?,
        };
        Ok(Work { handles, replayed, ..outcome.into() })
    }

    /// What there is to mint: each with its secret, and what the ledger may know of it.
    fn mint(&self, nonce: Nonce, kinds: &[Kind], shard: Shard) -> Result<(Vec<Handle>, Minting), Failure> {
        let keyring = &self.config.keyring;
        let mut handles = Vec::new();
        let mut minting = Minting { nonce, ..Minting::default() };
        for (index, kind) in (0_u8..).zip(kinds) {
            let handle = keyring.mint(nonce, index, *kind, shard);
            match (TokenKind::of(*kind), kind) {
                (Some(token), _) => {
                    let id = keyring.mint(nonce, index, Kind::TokenId, shard);
                    minting.tokens.push(fresh(token, &handle, &id)?);
                }
                (None, Kind::ConnectionId) => minting.connection_id = ConnectionId::parse(&handle.text()).ok(),
                (None, _) => minting.client_secret = Some(handle.digest()),
            }
            handles.push(handle);
        }
        Ok((handles, minting))
    }

    /// The secrets that an earlier request was answered with.
    fn mint_again(&self, earlier: &Minting, shard: Shard) -> Result<Vec<Handle>, Failure> {
        let tokens = earlier.tokens.iter().map(|fresh| (fresh.kind.handle(), &fresh.digest));
        let secrets = tokens.chain(earlier.client_secret.iter().map(|digest| (Kind::ClientSecret, digest)));
        let mut handles = Vec::new();
        for (index, (kind, digest)) in (0_u8..).zip(secrets) {
            let again = self.config.keyring.mint_again(earlier.nonce, index, kind, shard, digest);
            // None, where the secret that minted it was dropped: all that it made ended with it.
            handles.push(again.ok_or(Failure::Refused(Refusal::TokenUnknown))?);
        }
        Ok(handles)
    }
}

fn fresh(kind: TokenKind, secret: &Handle, id: &Handle) -> Result<Fresh, Failure> {
    let token_id = TokenId::parse(&id.text()).map_err(|_| Failure::Internal("a token id was minted wrong"))?;
    Ok(Fresh { kind, token_id, digest: secret.digest() })
}

/// What there is to mint of for one request.
pub(super) fn fresh_nonce() -> Result<Nonce, Failure> {
    let word = || getrandom::u64().map_err(|_| Failure::Internal("there is no randomness"));
    Ok(Nonce(word()?, word()?))
}
