//! What is said at the link page.

use super::bindings::random_uuid;
use super::execute::{Executor, Work, digest};
use super::plan::After;
use crate::core::command::Consent;
use crate::core::request::Retry;
use crate::core::target::TokenName;
use crate::core::{Command, Digest, Outcome, Principal, Refusal, Target};
use crate::dialects::{Beside, Failure, Visit, Visitor};

impl Executor<'_> {
    /// Shows what a connection token asks, or does what its holder says. The answer of a page names the app, so that it
    /// takes one call of the token's ledger; of whoever answers without a page the token is looked at first.
    pub(super) async fn of_consent(&self, visit: Visit) -> Result<Work, Failure> {
        let Visit { target, consent, mut app_id, mut visitor } = visit;
        let mut work = Outcome::Nothing.into();
        if visitor.page.is_none() {
            // Whoever holds a token may know what became of it, as root may.
            work = self.session(Principal::Root, None).check(target.clone(), None).await?;
            if let Outcome::Verdict(verdict) = &work.outcome {
                app_id.clone_from(&verdict.facts.app_id);
            }
        }
        let Target::Known { handle, name } = target else {
            return Err(Refusal::TokenUnknown.into());
        };
        if let Some(consent) = consent {
            let retry = retry(&visitor, &name, consent);
            let command = Command::OfConsent(name, consent, app_id.clone());
            work = self.session(Principal::Holder, retry).run(handle.shard(), command, None, None).await?;
        } else {
            visitor.page = Some(random_uuid());
        }
        work.after = After::ShowApps(app_id);
        work.beside = Beside::Visitor(visitor);
        Ok(work)
    }
}

/// How to know the answer of a page that comes again: a click too many, or since what came of it got lost.
fn retry(visitor: &Visitor, name: &TokenName, consent: Consent) -> Option<Retry> {
    let (page, token) = (visitor.page.as_deref()?, digest(name)?);
    let parts: [&[u8]; 4] = [b"consent", token.as_str().as_bytes(), consent.as_str().as_bytes(), page.as_bytes()];
    let key = Digest::of_parts(&parts);
    Some(Retry { request: key.clone(), key, grace: None })
}
