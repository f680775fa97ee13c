//! A random history of a ledger, and what was seen of it.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use hookswitch::core::command::IdempotencyKey;
use hookswitch::core::credential::{NewCredential, NewCredentials};
use hookswitch::core::decide::connections::{
    CreateConnection, DeleteConnection, GetConnection, IssueTokens, RevokeConnectedApp, RevokeConnection,
    SetConnectionEnabled, StoreCredentials, Switch,
};
use hookswitch::core::decide::grants::{
    ExchangeCode, IntrospectToken, RefreshTokens, RevokeConnectionOfToken, RevokeGrantToken,
};
use hookswitch::core::decide::link::{ApproveLink, DeclineLink};
use hookswitch::core::decide::revocations::{ManageRevocation, RecordAttempts};
use hookswitch::core::decide::tokens::{CheckTokens, ConsumeToken, MintToken, RevokeToken};
use hookswitch::core::decide::users::{GetUser, ListConnections, ListEvents, ListTokens, PutUser, RevokeUser};
use hookswitch::core::params::{Lifetimes, MintKind, MintParams, RevokeFilter};
use hookswitch::core::provider::ProviderVersion;
use hookswitch::core::revocation::{ProviderReply, RevocationAttempt};
use hookswitch::core::schedule::Schedule;
use hookswitch::core::status::Death;
use hookswitch::core::{
    App, ConnectionId, ConnectionStatus, Digest, Principal, Request, Role, Scope, Sealed, Timestamp, Token, TokenId,
    TokenKind, TokenRef, pkce,
};
use proptest::sample::Index;
use serde_json::Value;

use crate::events::assert_events_match;
use crate::kit::{self, FIRST_PAGE, profile, user_id};
use crate::ledger::Ledger;
use crate::observed::Observed;
use crate::promises::{assert_credentials_are_kept, assert_no_token_under_the_dead, assert_repetition};
use crate::steps::{Caller, ConnectionStep, GrantStep, OWNER, Pick, Step, apps};

/// The grace period of rotating refresh tokens, in seconds.
const GRACE: u32 = 5;
const LIFETIMES: Lifetimes = Lifetimes { access: 10, refresh: Some(30) };
const SCHEDULE: Schedule = Schedule { base: 1_000, jitter: 0 };
/// The verifier of every challenge: other tests try wrong ones.
const VERIFIER: &str = "one-verifier-for-all-codes-of-random-histories";

/// A request that can be sent again with fresh handles.
trait Resend {
    fn resend(&self, history: &mut History);
}

impl<C: Observed + 'static> Resend for Request<C> {
    fn resend(&self, history: &mut History) {
        history.minted += 1;
        let minted = kit::minted(&self.command, history.minted);
        history.run(Request { minted, ..self.clone() });
    }
}

/// Another ledger that gets the same requests.
pub(crate) trait Mirror {
    /// The reply to a message, as JSON.
    fn answer(&mut self, message: &str, now: Timestamp) -> String;

    /// Runs the alarm.
    fn ring(&mut self, now: Timestamp);
}

/// The observed states of tokens and connections, and the promises of outcomes.
#[derive(Default)]
pub(crate) struct Seen {
    /// The first death that was seen of a token.
    pub(crate) died: HashMap<Digest, Death>,
    /// How often a token was consumed.
    pub(crate) consumed: HashMap<TokenId, u32>,
    /// The tokens that a successful revocation was about.
    pub(crate) revoked: HashSet<Digest>,
    /// The first dead status that was seen of a connection.
    pub(crate) ended: HashMap<ConnectionId, ConnectionStatus>,
}

/// A ledger, the requests that were sent to it, and what was seen of it.
pub(crate) struct History {
    pub(crate) ledger: Ledger,
    sent: Vec<Rc<dyn Resend>>,
    minted: u64,
    pub(crate) seen: Seen,
    mirror: Option<Box<dyn Mirror>>,
}

impl History {
    pub(crate) fn new() -> Self {
        let ledger = Ledger::of(kit::user(OWNER, profile(Role::Member, &["a"])));
        Self { ledger, sent: Vec::new(), minted: 0, seen: Seen::default(), mirror: None }
    }

    /// A history of an empty ledger and its mirror, in which the user and the API key of [`kit::principal`] are created.
    #[allow(dead_code, reason = "only the tests of the ledger in SQL have a mirror")]
    pub(crate) fn mirrored(mirror: Box<dyn Mirror>) -> Self {
        let ledger = Ledger::new(kit::second(1));
        let mut history = Self { ledger, mirror: Some(mirror), ..Self::new() };
        let root = Caller { principal: Principal::Root, key: None };
        history.take(Step::PutUser(root, profile(Role::Member, &["a"])));
        let mint_key = MintToken { user_id: user_id(OWNER), params: MintParams::plain(MintKind::ApiKey, None) };
        history.run(kit::request(&Principal::Root, mint_key, kit::KEY));
        history
    }

    pub(crate) fn take(&mut self, step: Step) {
        let (user_id, page) = (user_id(OWNER), FIRST_PAGE);
        match step {
            Step::PutUser(caller, profile) => self.send(caller, PutUser { user_id, profile }, None),
            Step::GetUser(caller) => self.send(caller, GetUser { user_id }, None),
            Step::Mint { caller, kind, ttl, app, scope } => self.mint(caller, kind, ttl, app, scope),
            Step::CreateConnection(caller, app, scope) => {
                let (app_id, metadata, upstream) = (app.app_id.clone(), None, None);
                let command = CreateConnection { user_id, app_id, scope, metadata, upstream };
                self.send(caller, command, Some(app));
            }
            Step::RevokeConnectedApp(caller, app) => {
                self.send(caller, RevokeConnectedApp { user_id, app_id: app.app_id.clone() }, Some(app));
            }
            Step::OfConnection(caller, which, step) => self.of_connection(caller, which, step),
            Step::Grant { token, own, key, act, scope } => self.grant(token, own, key, act, scope),
            Step::AnswerLink { token, page, approve } => self.answer_link(token, page, approve),
            Step::Check(caller, pick) => self.of_token(&pick, caller, |token| CheckTokens { tokens: vec![token] }),
            Step::Consume(caller, pick) => self.of_token(&pick, caller, |token| ConsumeToken { token }),
            Step::Revoke(caller, pick) => {
                self.of_token(&pick, caller, |token| RevokeToken { token, reason: Some("a reason".to_owned()) });
            }
            Step::RevokeUser { caller, back, app, kinds } => {
                let before = back.map(|back| Timestamp::from_micros(self.ledger.now().micros() - back));
                let filter = RevokeFilter { before, app_id: app.map(|app| app.app_id), kinds, reason: None };
                self.assert_dry_run_counts_what_ends(&caller.principal, &filter);
                self.send(caller, RevokeUser { user_id, filter, dry_run: false }, None);
            }
            Step::ManageRevocation(caller, which, action) => {
                if !self.ledger.credentials.is_empty() {
                    let seq = which.get(&self.ledger.credentials).seq;
                    self.send(caller, ManageRevocation { seq, action }, None);
                }
            }
            Step::RecordAttempt(which, reply) => self.record_attempt(which, reply),
            Step::ListTokens(caller) => {
                self.send(caller, ListTokens { user_id, page, status: None, kind: None }, None);
            }
            Step::ListConnections(caller) => {
                self.send(caller, ListConnections { user_id, page, status: None, app_id: None }, None);
            }
            Step::ListEvents(caller) => self.send(caller, ListEvents { user_id, page, event_type: None }, None),
            Step::Again(index) => {
                if !self.sent.is_empty() {
                    index.get(&self.sent).clone().resend(self);
                }
            }
            Step::Pass(micros) => self.ledger.pass(micros),
            Step::Sweep(batch) => self.sweep(batch),
        }
        self.look();
    }

    fn mint(&mut self, caller: Caller, kind: MintKind, ttl: Option<u32>, app: Option<App>, scope: Option<Scope>) {
        let before = self.ledger.tokens.len();
        let is_public = |app: &&App| app.secret.is_none();
        let code_challenge = app.as_ref().filter(is_public).map(|_| pkce::challenge(VERIFIER));
        // A link to the confidential app has no redirect URI, so that its approval creates no code.
        let redirect_uri = app.as_ref().filter(is_public).map(|_| kit::CALLBACK.to_owned());
        let app_id = app.as_ref().map(|app| app.app_id.clone());
        let params = MintParams { app_id, scope, code_challenge, redirect_uri, ..MintParams::plain(kind, ttl) };
        self.send(caller, MintToken { user_id: user_id(OWNER), params }, app);
        if self.ledger.tokens.len() > before {
            self.assert_no_cutoff_matches_the_newest_token();
        }
    }

    fn of_connection(&mut self, caller: Caller, which: Index, step: ConnectionStep) {
        if self.ledger.connections.is_empty() {
            return;
        }
        let id = which.get(&self.ledger.connections).id.clone();
        let reason = Some("a reason".to_owned());
        match step {
            ConnectionStep::Get => self.send(caller, GetConnection { id }, None),
            ConnectionStep::Revoke => self.send(caller, RevokeConnection { id, reason }, None),
            ConnectionStep::Enable => {
                self.send(caller, SetConnectionEnabled { id, switch: Switch::Enable, reason }, None);
            }
            ConnectionStep::Disable => {
                self.send(caller, SetConnectionEnabled { id, switch: Switch::Disable, reason }, None);
            }
            ConnectionStep::Delete(at_provider) => self.send(caller, DeleteConnection { id, at_provider }, None),
            ConnectionStep::Issue { refresh, scope } => {
                let lifetimes = Lifetimes { refresh: LIFETIMES.refresh.filter(|_| refresh), ..LIFETIMES };
                self.send(caller, IssueTokens { id, scope, lifetimes }, None);
            }
            ConnectionStep::Store(types) => {
                let sealed = || Sealed::stored("sealed".to_owned());
                let new = |token_type| NewCredential { token_type, sealed: sealed(), expires_at: None };
                let tokens = types.into_iter().map(new).collect();
                let credentials =
                    NewCredentials { provider: Some(kit::slug("acme")), tokens, version: ProviderVersion::Shipped };
                self.send(caller, StoreCredentials { id, credentials }, None);
            }
        }
    }

    /// A client redeems, introspects or revokes a token; or its holder revokes the connection.
    fn grant(&mut self, token: Index, own: bool, key: Option<u8>, act: GrantStep, scope: Option<Scope>) {
        if self.ledger.tokens.is_empty() {
            return;
        }
        let row = token.get(&self.ledger.tokens).clone();
        let token = by_secret(&row);
        let [confidential, public] = apps();
        let is_confidential = row.facts.app_id.as_ref() == Some(&confidential.app_id);
        let app = if is_confidential == own { confidential } else { public };
        let client = Caller { principal: Principal::App(app.app_id.clone()), key };
        match (act, row.kind) {
            (GrantStep::Redeem, TokenKind::ConnectionToken) => {
                let code_challenge = row.grant.code_challenge.as_ref().map(|_| pkce::challenge(VERIFIER));
                let redirect_uri = row.facts.redirect_uri.clone();
                let command = ExchangeCode { code: token, redirect_uri, code_challenge, lifetimes: LIFETIMES };
                self.send(client, command, Some(app));
            }
            (GrantStep::Redeem, TokenKind::RefreshToken) => {
                let rotates = app.secret.is_none();
                let mut request = self.request(client, RefreshTokens { token, scope, lifetimes: LIFETIMES }, Some(app));
                if rotates {
                    let key = Digest::of_parts(&[b"refresh", row.digest.as_str().as_bytes()]);
                    let request_digest = request.idempotency.map_or_else(|| key.clone(), |given| given.key);
                    request.idempotency = Some(IdempotencyKey { request: request_digest, key, grace: Some(GRACE) });
                }
                self.run(request);
            }
            (GrantStep::Introspect, _) => self.send(client, IntrospectToken { token }, Some(app)),
            (GrantStep::Revoke, kind) if kind != TokenKind::ApiKey => {
                self.send(client, RevokeGrantToken { token }, Some(app));
            }
            (GrantStep::RevokeConnection, TokenKind::AccessToken) => {
                self.send(Caller { principal: Principal::Holder, key: None }, RevokeConnectionOfToken { token }, None);
            }
            (GrantStep::Redeem | GrantStep::Revoke | GrantStep::RevokeConnection, _) => {}
        }
    }

    /// The holder of a connection token answers at the link page.
    fn answer_link(&mut self, token: Index, page: u8, approve: bool) {
        if self.ledger.tokens.is_empty() {
            return;
        }
        let row = token.get(&self.ledger.tokens).clone();
        let app = apps().into_iter().find(|app| Some(&app.app_id) == row.facts.app_id.as_ref());
        let (token, app_id) = (by_secret(&row), row.facts.app_id);
        let holder = Caller { principal: Principal::Holder, key: None };
        let key = Digest::of_parts(&[row.digest.as_str().as_bytes(), &[page, u8::from(approve)]]);
        let idempotency = Some(IdempotencyKey { request: key.clone(), key, grace: None });
        if approve {
            let request = self.request(holder, ApproveLink { token, app_id }, app);
            self.run(Request { idempotency, ..request });
        } else {
            let request = self.request(holder, DeclineLink { token, app_id }, app);
            self.run(Request { idempotency, ..request });
        }
    }

    /// The Worker reports what a provider answered.
    fn record_attempt(&mut self, which: Index, reply: ProviderReply) {
        if self.ledger.credentials.is_empty() {
            return;
        }
        let credential = which.get(&self.ledger.credentials);
        let connection_id = credential.connection_id.clone();
        let attempts = vec![RevocationAttempt { seq: credential.seq, attempts: credential.attempts, reply }];
        let root = Caller { principal: Principal::Root, key: None };
        self.send(root, RecordAttempts { connection_id, attempts, schedule: SCHEDULE }, None);
    }

    fn of_token<C: Observed + 'static>(&mut self, pick: &Pick, caller: Caller, command: impl FnOnce(TokenRef) -> C) {
        if self.ledger.tokens.is_empty() {
            return;
        }
        let row = pick.token.get(&self.ledger.tokens);
        let by_public_id = || TokenRef::Public { token_id: row.token_id.clone(), key: row.digest.key() };
        let token = if pick.public { by_public_id() } else { by_secret(row) };
        self.send(caller, command(token), None);
    }

    fn send<C: Observed + 'static>(&mut self, caller: Caller, command: C, app: Option<App>) {
        let request = self.request(caller, command, app);
        self.run(request);
    }

    fn request<C: Observed>(&mut self, Caller { principal, key }: Caller, command: C, app: Option<App>) -> Request<C> {
        self.minted += 1;
        let idempotency = key.map(|key| IdempotencyKey {
            key: Digest::of_parts(&[principal.actor().as_str().as_bytes(), &[key]]),
            request: Digest::of(format!("{command:?}").as_bytes()),
            grace: None,
        });
        Request { app, idempotency, ..kit::request(&principal, command, self.minted) }
    }

    /// Runs a request, and checks what it changed.
    fn run<C: Observed + 'static>(&mut self, request: Request<C>) {
        if self.mirror.is_some() {
            // The clock of a ledger advances with each request and row, that of the model with each change.
            self.ledger.pass(10);
        }
        let before = self.ledger.clone();
        let (reply, changes) = self.ledger.run(&request);
        if let Some(mirror) = &mut self.mirror {
            let answer = mirror.answer(&request.message().unwrap(), before.now());
            assert_eq!(comparable(&answer), comparable(&serde_json::to_string(&reply).unwrap()), "{request:?}");
        }
        assert_events_match(&before, &changes);
        assert_credentials_are_kept(&before, &self.ledger, C::NAME);
        if reply.outcome.is_err() || reply.replayed.is_some() || C::READS_ONLY {
            assert!(changes.is_empty(), "{reply:?} came with {changes:?}");
            assert_eq!(self.ledger.tokens, before.tokens);
        }
        for event in &changes.events {
            assert_eq!(event.at, before.now());
        }
        assert_repetition(&before, &request, &reply);
        assert_no_token_under_the_dead(&before, &self.ledger);
        if let (Ok(outcome), None) = (&reply.outcome, &reply.replayed) {
            request.command.observe(&mut self.seen, &before, &request, outcome);
        }
        self.sent.push(Rc::new(request));
    }

    fn sweep(&mut self, batch: usize) {
        let before = self.ledger.clone();
        let batch = if self.mirror.is_some() { usize::MAX } else { batch };
        let changes = self.ledger.sweep(batch);
        if let Some(mirror) = &mut self.mirror {
            mirror.ring(before.now());
            self.ledger.pass(1_000);
        }
        assert_events_match(&before, &changes);
        assert_credentials_are_kept(&before, &self.ledger, "sweep");
        assert_eq!(self.ledger.statuses().len(), before.tokens.len());
    }
}

/// A reply without the numbers of events, which a ledger chooses.
fn comparable(reply: &str) -> Value {
    fn remove_numbers(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("seq");
                members.values_mut().for_each(remove_numbers);
            }
            Value::Array(items) => items.iter_mut().for_each(remove_numbers),
            _ => {}
        }
    }
    let mut value = serde_json::from_str(reply).unwrap();
    remove_numbers(&mut value);
    value
}

/// A token, named by its secret.
fn by_secret(token: &Token) -> TokenRef {
    TokenRef::Secret { kind: token.kind, digest: token.digest.clone() }
}
