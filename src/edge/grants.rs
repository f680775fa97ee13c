//! What clients ask with a token in hand.

use super::caller::Caller;
use super::execute::{Executor, Work, digest};
use super::memory;
use super::plan::After;
use crate::core::app::ClientType;
use crate::core::command::GrantAction;
use crate::core::request::Retry;
use crate::core::target::TokenName;
use crate::core::{Command, Digest, Outcome, Refusal, Target};
use crate::dialects::Failure;

impl Executor<'_> {
    /// Does it. What is forged was never minted: that is said at once, whoever asks, so that a guess costs nothing.
    pub(super) async fn of_grant(
        &self,
        target: Target,
        action: GrantAction,
        caller: Caller,
        retry: Option<Retry>,
    ) -> Result<Work, Failure> {
        let told_nothing = matches!(action, GrantAction::Introspect | GrantAction::Revoke);
        let Target::Known { handle, name } = target else {
            return if told_nothing { Ok(Outcome::Nothing.into()) } else { Err(Refusal::TokenUnknown.into()) };
        };
        let (principal, app) = match caller {
            Caller::Anyone | Caller::Ticket(_) => return Err(Failure::KeyMissing),
            Caller::Known(principal) => (principal, None),
            Caller::Client(app_id, secret) => {
                let (principal, app) = self.admit(app_id, secret.as_ref()).await?;
                (principal, Some(app))
            }
        };
        // Of a token that is dead there is nothing to know.
        if matches!(action, GrantAction::Introspect) && self.copies(&[&name], false).await.iter().any(Option::is_some) {
            return Ok(Outcome::Nothing.into());
        }
        let rotates = app.as_ref().is_some_and(|app| app.registration.client_type == ClientType::Public);
        let retry = match (&action, &name) {
            (GrantAction::Refresh { .. }, TokenName::Secret(_, token)) if rotates => {
                Some(self.lost_answer(token, retry))
            }
            (_, TokenName::Secret(_, token)) if app.is_some() => retry.map(|retry| of_token(retry, token)),
            _ => retry,
        };
        let command = Command::OfGrant(name.clone(), action);
        let mut work = self.session(principal, retry).run(handle.shard(), command, app, None).await?;
        if let (Outcome::Revoked { verdict, .. }, Some(token)) = (&work.outcome, digest(&name)) {
            memory::remember_dead(token, verdict);
        }
        work.after = After::Tell(handle.shard());
        Ok(work)
    }

    /// How to know a use of a rotating refresh token that comes again since its answer got lost.
    fn lost_answer(&self, token: &Digest, retry: Option<Retry>) -> Retry {
        let key = Digest::of_parts(&[b"refresh", token.as_str().as_bytes(), b"lost"]);
        let request = retry.map_or_else(|| key.clone(), |retry| retry.key);
        Retry { key, request, grace: Some(self.config.refresh_grace) }
    }
}

/// A client's name is no secret, so its keys are of the token that it comes with: nobody else can use them up.
fn of_token(retry: Retry, token: &Digest) -> Retry {
    let key = Digest::of_parts(&[b"grant", retry.key.as_str().as_bytes(), token.as_str().as_bytes()]);
    Retry { key, ..retry }
}
