//! From what a request asks for to what came of it.

use worker::Env;

use super::config::Config;
use super::ledgers::Ledgers;
use super::memory;
use crate::core::codec::Nonce;
use crate::core::command::{Fresh, Minting, Retry, Target, TokenName};
use crate::core::{
    self, Command, Handle, Kind, Outcome, Principal, Refusal, Shard, Timestamp, TokenId, TokenKind, UserId,
};
use crate::dialects::{Ask, Done, Failure};
use crate::ledger::clock::wall;

/// What it takes to do what a request asks for.
pub(super) struct Executor<'a> {
    pub(super) config: &'a Config,
    pub(super) env: &'a Env,
    pub(super) ledgers: Ledgers,
    pub(super) now: Timestamp,
}

impl<'a> Executor<'a> {
    pub(super) fn new(config: &'a Config, env: &'a Env) -> Result<Self, Failure> {
        Ok(Self { config, env, ledgers: Ledgers::new(env)?, now: wall() })
    }

    /// Does what is asked for. `principal` is who asks; none, only where the call is for everyone.
    ///
    /// # Errors
    /// The ledger's refusal, or [`Failure::Unavailable`].
    pub(super) async fn execute(
        &self,
        ask: Ask,
        principal: Option<Principal>,
        retry: Option<Retry>,
    ) -> Result<Done, Failure> {
        match (ask, principal) {
            (Ask::Health, _) => Ok(Done { outcome: None, handles: Vec::new(), replayed: false }),
            (_, None) => Err(Failure::KeyMissing),
            (Ask::OfUser(command), Some(principal)) => {
                let shard = command.user_id().map(Shard::of).ok_or(Failure::Internal("a command names no user"))?;
                self.run(shard, principal, command, retry).await
            }
            (Ask::Check { target, user_id }, Some(principal)) => self.check(target, user_id.as_ref(), &principal).await,
            (Ask::CheckBatch(targets), Some(principal)) => self.check_batch(&targets, &principal).await,
            (Ask::Consume(target), Some(principal)) => {
                let (handle, name) = known(target, None, &principal)?;
                let done = self.run(handle.shard(), principal, Command::Consume(name.clone()), retry).await;
                remember(&name, done)
            }
            (Ask::Revoke { target, user_id, reason }, Some(principal)) => {
                let (handle, token) = known(target, user_id.as_ref(), &principal)?;
                let command = Command::Revoke { token: token.clone(), reason };
                let done = self.run(handle.shard(), principal, command, retry).await;
                remember(&token, done)
            }
        }
    }

    /// Has a user's ledger decide and commit a command.
    pub(super) async fn run(
        &self,
        shard: Shard,
        principal: Principal,
        command: Command,
        retry: Option<Retry>,
    ) -> Result<Done, Failure> {
        let kinds = command.mints();
        let nonce = if kinds.is_empty() { Nonce::default() } else { random()? };
        let (handles, minting) = self.mint(nonce, kinds, shard)?;
        let answer = self.ledgers.run(shard, core::Request { principal, command, minting, retry }).await?;
        let outcome = answer.outcome?;
        let replayed = answer.replayed.is_some();
        let handles = match answer.replayed {
            None => handles,
            Some(earlier) => self.mint_again(&earlier, shard)?,
        };
        Ok(Done { outcome: Some(outcome), handles, replayed })
    }

    /// A token for each kind: its secret, and what the ledger may know of it.
    fn mint(&self, nonce: Nonce, kinds: &[TokenKind], shard: Shard) -> Result<(Vec<Handle>, Minting), Failure> {
        let keyring = &self.config.keyring;
        let mut handles = Vec::new();
        let mut minting = Minting { nonce, fresh: Vec::new() };
        for (index, kind) in (0_u8..).zip(kinds) {
            let secret = keyring.mint(nonce, index, kind.handle(), shard);
            let id = keyring.mint(nonce, index, Kind::TokenId, shard);
            minting.fresh.push(fresh(*kind, &secret, &id)?);
            handles.push(secret);
        }
        Ok((handles, minting))
    }

    /// The tokens that an earlier request was answered with.
    fn mint_again(&self, earlier: &Minting, shard: Shard) -> Result<Vec<Handle>, Failure> {
        let mut handles = Vec::new();
        for (index, fresh) in (0_u8..).zip(&earlier.fresh) {
            let kind = fresh.kind.handle();
            let again = self.config.keyring.mint_again(earlier.nonce, index, kind, shard, &fresh.digest);
            // None, where the secret that minted it was dropped: all that it made ended with it.
            handles.push(again.ok_or(Failure::Refused(Refusal::TokenUnknown))?);
        }
        Ok(handles)
    }
}

/// The handle that a request names.
///
/// # Errors
/// What the principal is told of a token that was never minted. It costs no look-up.
pub(super) fn known(
    target: Target,
    user_id: Option<&UserId>,
    principal: &Principal,
) -> Result<(Handle, TokenName), Failure> {
    match target {
        Target::Known { handle, name } => Ok((handle, name)),
        Target::Forged => {
            let told = principal.is_told_of_forgery(user_id);
            Err(if told { Refusal::TokenUnknown } else { Refusal::Forbidden }.into())
        }
    }
}

/// Remembers the verdict that came of a command on a token.
fn remember(name: &TokenName, done: Result<Done, Failure>) -> Result<Done, Failure> {
    let verdict = match &done {
        Ok(Done { outcome: Some(Outcome::Consumed(verdict, _) | Outcome::Revoked { verdict, .. }), .. }) => verdict,
        Err(Failure::Refused(Refusal::Dead(verdict))) => verdict,
        _ => return done,
    };
    if let TokenName::Secret(_, digest) = name {
        memory::remember_dead(digest, verdict);
    }
    done
}

fn fresh(kind: TokenKind, secret: &Handle, id: &Handle) -> Result<Fresh, Failure> {
    let token_id = TokenId::parse(&id.text()).map_err(|_| Failure::Internal("a token id was minted wrong"))?;
    Ok(Fresh { kind, token_id, digest: secret.digest() })
}

fn random() -> Result<Nonce, Failure> {
    let word = || getrandom::u64().map_err(|_| Failure::Internal("there is no randomness"));
    Ok(Nonce(word()?, word()?))
}
