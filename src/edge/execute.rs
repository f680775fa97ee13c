//! From what a request asks for to what came of it.

use worker::Env;

use super::caller::Caller;
use super::config::Config;
use super::memory;
use crate::core::codec::Nonce;
use crate::core::request::{Fresh, Minting, Retry};
use crate::core::target::TokenName;
use crate::core::{
    self, App, Command, ConnectionId, Digest, Handle, Kind, Link, Outcome, Principal, Refusal, Shard, Target,
    Timestamp, TokenId, TokenKind, UserId,
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

    /// Does what is asked for.
    ///
    /// # Errors
    /// The ledger's refusal, or [`Failure::Unavailable`].
    pub(super) async fn execute(&self, ask: Ask, caller: Caller, retry: Option<Retry>) -> Result<Work, Failure> {
        match (caller, ask) {
            (caller, Ask::OfGrant(target, action)) => self.of_grant(target, action, caller, retry).await,
            (_, Ask::OfConsent(visit)) => self.of_consent(visit).await,
            (Caller::Known(principal), ask) => self.execute_as(ask, principal, retry).await,
            (Caller::Ticket(ticket), Ask::Show(known)) => self.show(&ticket, known.as_deref()).await,
            (Caller::Anyone | Caller::Client(..) | Caller::Ticket(_), _) => Err(Failure::KeyMissing),
        }
    }

    async fn execute_as(&self, ask: Ask, principal: Principal, retry: Option<Retry>) -> Result<Work, Failure> {
        match ask {
            Ask::Run(Command::PutUser(user_id, profile)) => self.put_user(user_id, profile, principal, retry).await,
            Ask::Run(command) => {
                let shard = command.shard().ok_or(Failure::Internal("a command names no ledger"))?;
                self.run(shard, principal, command, retry).await
            }
            Ask::OfAlias(name, asked) => {
                let mut work = self.of_alias(name, &asked, principal).await?;
                if let Outcome::ConnectedApps(connected) = &work.outcome {
                    let ids: Vec<_> = connected.iter().map(|(app_id, _)| app_id).collect();
                    work.apps = self.apps(&ids).await?;
                }
                Ok(work)
            }
            Ask::Check { target, user_id } => self.check(target, user_id.as_ref(), &principal).await,
            Ask::CheckBatch(targets) => self.check_batch(&targets, &principal).await,
            Ask::Consume(target) => {
                let (handle, name) = known(target, None, &principal)?;
                let done = self.run(handle.shard(), principal, Command::Consume(name.clone()), retry).await;
                remember(&name, done)
            }
            Ask::Revoke { target, user_id, reason } => {
                let (handle, token) = known(target, user_id.as_ref(), &principal)?;
                let command = Command::Revoke { token: token.clone(), reason };
                let done = self.run(handle.shard(), principal, command, retry).await;
                remember(&token, done)
            }
            Ask::OfConnection(link, action) => {
                let (shard, id) = named(link, &principal)?;
                self.of_connection(shard, id, action, principal, retry).await
            }
            Ask::Connect(command, upstream) => self.connect(command, upstream, principal, retry).await,
            Ask::Hold(link, upstream) => {
                let (shard, id) = named(link, &principal)?;
                self.hold(shard, id, upstream, principal).await
            }
            Ask::Account(link) => {
                let (shard, id) = named(link, &principal)?;
                self.account(shard, id, principal).await
            }
            Ask::Accounts(asked) => self.accounts(&asked, &principal).await,
            Ask::RevokeAccount(link) => {
                let (shard, id) = named(link, &principal)?;
                self.revoke_account(shard, id, principal, retry).await
            }
            Ask::OfRevocation(id, action) => self.of_revocation(id, action, principal, retry).await,
            Ask::PutProvider(provider, secret) => self.put_provider(provider, secret, principal).await,
            Ask::GetProvider(slug) => self.get_provider(slug, principal).await,
            Ask::PutEndpoint(new) => self.put_endpoint(new, principal).await,
            Ask::RotateEndpointSecret(name, ttl) => self.rotate_endpoint_secret(name, ttl, principal, retry).await,
            Ask::TestEndpoint(name) => self.test_endpoint(name, principal).await,
            Ask::TicketOfToken(target, ttl) => self.ticket_of_token(target, ttl, &principal).await,
            Ask::TicketOfConnection(link, ttl) => {
                let (shard, id) = named(link, &principal)?;
                self.ticket_of_connection(shard, id, ttl, principal).await
            }
            Ask::OfGrant(..) | Ask::OfConsent(_) | Ask::Answered(_) | Ask::Show(_) | Ask::Follow => {
                Err(Failure::Internal("this was done before"))
            }
        }
    }

    /// Has a ledger decide and commit a command.
    pub(super) async fn run(
        &self,
        shard: Shard,
        principal: Principal,
        command: Command,
        retry: Option<Retry>,
    ) -> Result<Work, Failure> {
        let app = self.app_of(&command).await?;
        self.run_for(shard, principal, command, app, retry).await
    }

    /// The same, where the app is known that the command is about.
    pub(super) async fn run_for(
        &self,
        shard: Shard,
        principal: Principal,
        command: Command,
        app: Option<App>,
        retry: Option<Retry>,
    ) -> Result<Work, Failure> {
        let (handles, minting) = self.mint_for(&command, shard)?;
        self.send(shard, core::Request { principal, command, app, minting, retry }, handles).await
    }

    /// What a command mints.
    pub(super) fn mint_for(&self, command: &Command, shard: Shard) -> Result<(Vec<Handle>, Minting), Failure> {
        let kinds = command.mints();
        let nonce = if kinds.is_empty() { Nonce::default() } else { random()? };
        self.mint(nonce, kinds, shard)
    }

    /// Has a ledger decide and commit a request, which minted this.
    pub(super) async fn send(
        &self,
        shard: Shard,
        request: core::Request,
        handles: Vec<Handle>,
    ) -> Result<Work, Failure> {
        let answer = self.ledgers.run(shard, &request).await?;
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

/// What came of a request, before it is told which request it was.
pub(super) struct Work {
    pub(super) outcome: Outcome,
    pub(super) handles: Vec<Handle>,
    pub(super) apps: Vec<App>,
    pub(super) beside: Beside,
    pub(super) replayed: bool,
}

impl Work {
    pub(super) fn done(self, context: Context) -> Done {
        let Self { outcome, handles, apps, beside, replayed } = self;
        Done { outcome, handles, apps, beside, replayed, context }
    }
}

impl From<Outcome> for Work {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, handles: Vec::new(), apps: Vec::new(), beside: Beside::Nothing, replayed: false }
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
fn named(link: Link, principal: &Principal) -> Result<(Shard, ConnectionId), Failure> {
    match link {
        Link::Known(shard, id) => Ok((shard, id)),
        Link::Forged => {
            let told = principal.is_told_of_forgery(None);
            Err(if told { Refusal::ConnectionUnknown } else { Refusal::Forbidden }.into())
        }
    }
}

/// Remembers the verdict that came of a command on a token.
fn remember(name: &TokenName, done: Result<Work, Failure>) -> Result<Work, Failure> {
    let verdict = match &done {
        Ok(Work { outcome: Outcome::Consumed(verdict, ..) | Outcome::Revoked { verdict, .. }, .. }) => verdict,
        Err(Failure::Refused(Refusal::Dead(verdict))) => verdict,
        _ => return done,
    };
    if let Some(digest) = digest(name) {
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
