//! From what a request asks for to what came of it.
//!
//! Most requests become one command to one ledger: [`super::plan`] says which, what has to come before it and what comes
//! after. The others ask several ledgers.

use worker::Env;

use super::caller::Caller;
use super::config::Config;
use super::plan::{After, Plan, remember};
use super::session::Session;
use crate::core::request::Retry;
use crate::core::target::TokenName;
use crate::core::{
    App, ConnectionId, Digest, Handle, Link, Outcome, Principal, Refusal, Shard, Target, Timestamp, UserId,
};
use crate::dialects::{Ask, Beside, Context, Done, Failure};
use crate::platform::ledgers::Ledgers;
use crate::platform::wall;

/// What it takes to do what a request asks for.
pub(super) struct Executor<'a> {
    pub(super) config: &'a Config,
    pub(super) env: &'a Env,
    pub(super) ledgers: Ledgers,
    pub(super) now: Timestamp,
}

impl<'a> Executor<'a> {
    pub(super) fn new(config: &'a Config, env: &'a Env) -> Result<Self, Failure> {
        let ledgers = Ledgers::of(env).ok_or(Failure::Internal("there is no binding LEDGER"))?;
        Ok(Self { config, env, ledgers, now: wall() })
    }

    /// What it takes to do something for somebody.
    pub(super) const fn session(&self, principal: Principal, retry: Option<Retry>) -> Session<'_> {
        Session { executor: self, principal, retry }
    }

    /// Does what is asked for.
    ///
    /// # Errors
    /// The ledger's refusal, or [`Failure::Unavailable`].
    pub(super) async fn execute(&self, ask: Ask, caller: Caller, retry: Option<Retry>) -> Result<Work, Failure> {
        let mut work = match (caller, ask) {
            (caller, Ask::OfGrant(target, action)) => self.of_grant(target, action, caller, retry).await?,
            (_, Ask::OfConsent(visit)) => self.of_consent(visit).await?,
            (Caller::Known(principal), ask) => self.session(principal, retry).execute(ask).await?,
            (Caller::Ticket(ticket), Ask::Show(known)) => self.show(&ticket, known.as_deref()).await?,
            (Caller::Anyone | Caller::Client(..) | Caller::Ticket(_), _) => return Err(Failure::KeyMissing),
        };
        self.after(&mut work).await?;
        Ok(work)
    }
}

impl Session<'_> {
    async fn execute(&self, ask: Ask) -> Result<Work, Failure> {
        match ask {
            Ask::OfAlias(name, asked) => self.of_alias(name, &asked).await,
            Ask::Check { target, user_id } => self.check(target, user_id.as_ref()).await,
            Ask::CheckBatch(targets) => self.check_batch(&targets).await,
            Ask::Accounts(asked) => self.accounts(&asked).await,
            Ask::TestEndpoint(name) => self.test_endpoint(name).await,
            Ask::Ticket(read, ttl) => self.ticket(read, ttl).await,
            ask => {
                let ready = self.before(&ask).await?;
                let Plan { shard, command, nonce, after } = self.plan(ask, ready)?;
                let done = self.run(shard, command, None, nonce).await;
                if let After::Remember(name) = &after {
                    remember(name, &done);
                }
                if let Err(Failure::Refused(Refusal::ProviderMissing)) = done
                    && let After::Hold(id, deposits) = after
                {
                    return self.hold(shard, id, deposits).await;
                }
                Ok(Work { after, ..done? })
            }
        }
    }
}

/// What came of a request, before it is told which request it was.
pub(super) struct Work {
    pub(super) outcome: Outcome,
    pub(super) handles: Vec<Handle>,
    pub(super) apps: Vec<App>,
    pub(super) beside: Beside,
    pub(super) replayed: bool,
    /// What is yet to be done.
    pub(super) after: After,
}

impl Work {
    pub(super) fn done(self, context: Context) -> Done {
        let Self { outcome, handles, apps, beside, replayed, after: _ } = self;
        Done { outcome, handles, apps, beside, replayed, context }
    }
}

impl From<Outcome> for Work {
    fn from(outcome: Outcome) -> Self {
        let (handles, apps, beside) = (Vec::new(), Vec::new(), Beside::Nothing);
        Self { outcome, handles, apps, beside, replayed: false, after: After::Nothing }
    }
}

/// The digest that copies of a token's verdict are kept under.
pub(super) const fn digest(name: &TokenName) -> Option<&Digest> {
    match name {
        TokenName::Secret(_, digest) => Some(digest),
        TokenName::Public(_) => None,
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

/// The connection that a request names.
///
/// # Errors
/// What the principal is told of a connection that was never made. It costs no look-up.
pub(super) fn named(link: Link, principal: &Principal) -> Result<(Shard, ConnectionId), Failure> {
    match link {
        Link::Known(shard, id) => Ok((shard, id)),
        Link::Forged => {
            let told = principal.is_told_of_forgery(None);
            Err(if told { Refusal::ConnectionUnknown } else { Refusal::Forbidden }.into())
        }
    }
}
