//! For every sequence of commands, sweeps, repetitions and time passing, by whomever: the promises.

use std::collections::{HashMap, HashSet};

use hookswitch::core::command::{Action, GrantAction};
use hookswitch::core::order::{Cut, Lifetimes, Order};
use hookswitch::core::connection::ConnectionStatus;
use hookswitch::core::request::Retry;
use hookswitch::core::target::TokenName;
use hookswitch::core::cutoff::Kinds;
use hookswitch::core::view::Writes;
use hookswitch::core::{
    Answer, App, Command, ConnectionId, Digest, Outcome, Principal, Refusal, Request, Role, Scope, Standing, Status,
    Timestamp, TokenId, TokenKind, pkce,
};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::kit::{self, FIRST_PAGE, minting, profile, user_id};
use crate::model::{Ledger, count, covers, cut_covers, cut_covers_connection};
use crate::steps::{Caller, OWNER, Pick, Step, Use, Verb, apps, steps};
use crate::telling::{connection_deaths, deaths, events_tell_of_changes};

/// For how many seconds a rotated refresh token gets the same answer.
const GRACE: u32 = 5;
const LIFETIMES: Lifetimes = Lifetimes { access: 10, refresh: Some(30) };
/// Meets the challenge of every code here.
const VERIFIER: &str = "the-same-for-all-since-it-is-not-what-is-tried-here";

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_promises_hold_whatever_happens(steps in steps()) {
        let mut history = History::new();
        for step in steps {
            history.take(step);
        }
        history.end();
    }
}

/// A ledger, and what was seen of it.
struct History {
    ledger: Ledger,
    sent: Vec<Request>,
    minted: u64,
    /// The first terminal standing that was seen of a token.
    died: HashMap<Digest, Standing>,
    consumed: HashMap<TokenId, u32>,
    /// What a revoke that was answered with success was about.
    revoked: HashSet<Digest>,
    /// The connections that were seen dead, and as what.
    ended: HashMap<ConnectionId, ConnectionStatus>,
}

impl History {
    fn new() -> Self {
        let ledger = Ledger::of(kit::user(OWNER, profile(Role::Member, &["a"])));
        let (died, consumed, revoked) = (HashMap::new(), HashMap::new(), HashSet::new());
        Self { ledger, sent: Vec::new(), minted: 0, died, consumed, revoked, ended: HashMap::new() }
    }

    fn take(&mut self, step: Step) {
        let owner = user_id(OWNER);
        match step {
            Step::Put(caller, profile) => self.send(caller, Command::PutUser(owner, profile), None),
            Step::Get(caller) => self.send(caller, Command::GetUser(owner), None),
            Step::Mint { caller, kind, ttl, app, scope } => self.mint(caller, kind, ttl, app, scope),
            Step::Connect(caller, app, scope) => {
                let command = Command::Connect { user_id: owner, app_id: app.app_id.clone(), scope, metadata: None };
                self.send(caller, command, Some(app));
            }
            Step::Disconnect(caller, app) => {
                self.send(caller, Command::Disconnect(owner, app.app_id.clone()), Some(app));
            }
            Step::OfConnection(caller, which, verb, scope) => self.of_connection(caller, which, verb, scope),
            Step::Grant { token, own, key, act, scope } => self.grant(token, own, key, act, scope),
            Step::Check(caller, pick) => self.about(&pick, |name| (caller, Command::Check(vec![name]))),
            Step::Consume(caller, pick) => self.about(&pick, |name| (caller, Command::Consume(name))),
            Step::Revoke(caller, pick) => {
                self.about(&pick, |token| (caller, Command::Revoke { token, reason: Some("a reason".to_owned()) }));
            }
            Step::RevokeUser { caller, back, app, kinds } => {
                let before = back.map(|back| Timestamp::from_micros(self.ledger.now().micros() - back));
                let cut = Cut { before, app_id: app.map(|app| app.app_id), kinds, reason: None };
                self.counts_tell_what_dies(&caller.principal, &cut);
                self.send(caller, Command::RevokeUser { user_id: owner, cut, dry_run: false }, None);
            }
            Step::Tokens(caller) => {
                let list = Command::ListTokens { user_id: owner, page: FIRST_PAGE, status: None, kind: None };
                self.send(caller, list, None);
            }
            Step::Connections(caller) => {
                let list = Command::ListConnections { user_id: owner, page: FIRST_PAGE, status: None, app_id: None };
                self.send(caller, list, None);
            }
            Step::Events(caller) => {
                self.send(caller, Command::ListEvents { user_id: owner, page: FIRST_PAGE, event_type: None }, None);
            }
            Step::Again(index) => self.again(index),
            Step::Pass(micros) => self.ledger.pass(micros),
            Step::Sweep(batch) => {
                let before = self.ledger.clone();
                let writes = self.ledger.sweep(batch);
                events_tell_of_changes(&before, &writes, false);
            }
        }
        self.look();
    }

    fn mint(&mut self, caller: Caller, kind: TokenKind, ttl: Option<u32>, app: Option<App>, scope: Option<Scope>) {
        let before = self.ledger.tokens.len();
        let code_challenge = app.as_ref().filter(|app| app.secret.is_none()).map(|_| pkce::challenge(VERIFIER));
        let app_id = app.as_ref().map(|app| app.app_id.clone());
        let order = Order { app_id, scope, code_challenge, ..Order::plain(kind, ttl) };
        self.send(caller, Command::Mint(user_id(OWNER), order), app);
        if self.ledger.tokens.len() > before {
            self.newest_is_covered_by_no_cutoff();
        }
    }

    fn of_connection(&mut self, caller: Caller, which: Index, verb: Verb, scope: Option<Scope>) {
        if self.ledger.connections.is_empty() {
            return;
        }
        let id = which.get(&self.ledger.connections).id.clone();
        let reason = Some("a reason".to_owned());
        let action = match verb {
            Verb::Get => Action::Get,
            Verb::Revoke => Action::Revoke(reason),
            Verb::Enable => Action::Enable(true, reason),
            Verb::Disable => Action::Enable(false, reason),
            Verb::Issue { refresh } => {
                Action::Issue(scope, Lifetimes { refresh: LIFETIMES.refresh.filter(|_| refresh), ..LIFETIMES })
            }
        };
        self.send(caller, Command::OfConnection(id, action), None);
    }

    /// A client comes with a token, as the edge has it: codes to exchange, refresh tokens to refresh with.
    fn grant(&mut self, token: Index, own: bool, key: Option<u8>, act: Use, scope: Option<Scope>) {
        if self.ledger.tokens.is_empty() {
            return;
        }
        let token = token.get(&self.ledger.tokens).clone();
        let action = match (act, token.kind) {
            (Use::Spend, TokenKind::ConnectionToken) => GrantAction::Exchange {
                redirect_uri: None,
                code_challenge: token.grant.code_challenge.as_ref().map(|_| pkce::challenge(VERIFIER)),
                lifetimes: LIFETIMES,
            },
            (Use::Spend, TokenKind::RefreshToken) => GrantAction::Refresh { scope, lifetimes: LIFETIMES },
            (Use::Introspect, _) => GrantAction::Introspect,
            (Use::Retract, TokenKind::ConnectionToken | TokenKind::AccessToken | TokenKind::RefreshToken) => {
                GrantAction::Revoke
            }
            (Use::Leave, TokenKind::AccessToken) => GrantAction::Disconnect,
            (Use::Spend | Use::Retract | Use::Leave, _) => return,
        };
        let [first, last] = apps();
        let is_first = token.facts.app_id.as_ref() == Some(&first.app_id);
        let app = if is_first == own { first } else { last };
        let leaves = action == GrantAction::Disconnect;
        let principal = if leaves { Principal::Holder } else { Principal::App(app.app_id.clone()) };
        let rotates = matches!(action, GrantAction::Refresh { .. }) && app.secret.is_none();
        let command = Command::OfGrant(TokenName::Secret(token.kind, token.digest.clone()), action);
        let mut request = self.request(Caller { principal, key }, command, (!leaves).then_some(app));
        if rotates {
            let key = Digest::of_parts(&[b"refresh", token.digest.as_str().as_bytes()]);
            let given = request.retry.map_or_else(|| key.clone(), |retry| retry.key);
            request.retry = Some(Retry { request: given, key, grace: Some(GRACE) });
        }
        self.run(request);
    }

    fn about(&mut self, pick: &Pick, ask: impl FnOnce(TokenName) -> (Caller, Command)) {
        if self.ledger.tokens.is_empty() {
            return;
        }
        let token = pick.token.get(&self.ledger.tokens);
        let name = if pick.public {
            TokenName::Public(token.token_id.clone())
        } else {
            TokenName::Secret(token.kind, token.digest.clone())
        };
        let (caller, command) = ask(name);
        self.send(caller, command, None);
    }

    fn send(&mut self, caller: Caller, command: Command, app: Option<App>) {
        let request = self.request(caller, command, app);
        self.run(request);
    }

    fn request(&mut self, Caller { principal, key }: Caller, command: Command, app: Option<App>) -> Request {
        self.minted += 1;
        let retry = key.map(|key| Retry {
            key: Digest::of_parts(&[principal.actor().as_str().as_bytes(), &[key]]),
            request: Digest::of(format!("{command:?}").as_bytes()),
            grace: None,
        });
        Request { principal, minting: minting(&command, self.minted), command, app, retry }
    }

    fn again(&mut self, index: Index) {
        if self.sent.is_empty() {
            return;
        }
        self.minted += 1;
        let mut request = index.get(&self.sent).clone();
        request.minting = minting(&request.command, self.minted);
        self.run(request);
    }

    fn run(&mut self, request: Request) {
        let before = self.ledger.clone();
        let (answer, writes) = self.ledger.run(&request);
        events_tell_of_changes(&before, &writes, is_revocation(&request.command));

        if answer.outcome.is_err() || answer.replayed.is_some() || !request.command.changes() {
            assert!(writes.is_empty(), "{answer:?} came with {writes:?}");
            assert_eq!(self.ledger, before);
        }
        repetitions_are_answered_alike(&before, &request, &answer);
        self.remember(&before, &request, &answer);
        self.nothing_came_of_what_is_dead(&before, &writes);
        self.sent.push(request);
    }

    /// Notes what the answer promises.
    fn remember(&mut self, before: &Ledger, request: &Request, answer: &Answer) {
        if answer.replayed.is_some() {
            return;
        }
        match &answer.outcome {
            Ok(Outcome::Consumed(verdict, ..)) => {
                assert_eq!(verdict.status(), Status::Consumed);
                assert_eq!(verdict.kind, TokenKind::ConnectionToken);
                *self.consumed.entry(verdict.token_id.clone()).or_default() += 1;
            }
            Ok(Outcome::Issued { access, refresh }) => {
                let fresh = access.token_id == request.minting.tokens[0].token_id;
                self.note_spent(request, fresh, refresh.is_some());
            }
            Ok(Outcome::Revoked { verdict, .. }) => {
                assert!(verdict.status().is_terminal());
                self.revoke(|token| token.token_id == verdict.token_id);
            }
            Ok(Outcome::ConnectionChanged { verdict, .. }) if verdict.status() == ConnectionStatus::Revoked => {
                self.revoke(|token| token.facts.connection_id.as_ref() == Some(&verdict.connection.id));
            }
            Ok(Outcome::Disconnected) => {
                let Command::Disconnect(_, app_id) = &request.command else {
                    panic!("{request:?} disconnected an app");
                };
                let under = |token: &hookswitch::core::Token| {
                    token.facts.connection_id.is_some() && token.facts.app_id.as_ref() == Some(app_id)
                };
                self.revoke(under);
            }
            Ok(Outcome::UserRevoked { dry_run: false, .. }) => {
                let Command::RevokeUser { cut, .. } = &request.command else {
                    panic!("{request:?} revoked a user");
                };
                let now = before.now();
                let under = |token: &hookswitch::core::Token| {
                    let above = token.facts.connection_id.as_ref().and_then(|id| before.connection(id));
                    above.is_some_and(|above| cut_covers_connection(cut, above, now))
                };
                self.revoke(|token| cut_covers(cut, token, now) || under(token));
            }
            _ => {}
        }
    }

    /// A code is spent once, and so is a refresh token that comes with the next one.
    fn note_spent(&mut self, request: &Request, fresh: bool, comes_with_next: bool) {
        assert!(fresh, "what is not replayed is new: {request:?}");
        let Command::OfGrant(TokenName::Secret(_, digest), _) = &request.command else {
            return;
        };
        let spent = self.ledger.tokens.iter().find(|token| token.digest == *digest).unwrap();
        if comes_with_next {
            *self.consumed.entry(spent.token_id.clone()).or_default() += 1;
        }
    }

    fn revoke(&mut self, which: impl Fn(&hookswitch::core::Token) -> bool) {
        let revoked = self.ledger.tokens.iter().filter(|token| which(token)).map(|token| token.digest.clone());
        self.revoked.extend(revoked);
    }

    /// No way back: nothing is issued under a connection that was dead, and nothing brings it to life.
    fn nothing_came_of_what_is_dead(&self, before: &Ledger, writes: &Writes) {
        let statuses = before.connections.iter().zip(before.connection_statuses());
        let dead: HashSet<_> =
            statuses.filter(|(_, status)| status.is_dead()).map(|(connection, _)| connection.id.clone()).collect();
        for token in &self.ledger.tokens[before.tokens.len()..] {
            let under = token.facts.connection_id.as_ref();
            assert!(under.is_none_or(|id| !dead.contains(id)), "issued under the dead: {token:?} {writes:?}");
        }
    }

    /// Looks at every token and every connection, as a check would.
    fn look(&mut self) {
        for (token, standing) in self.ledger.tokens.iter().zip(self.ledger.standings()) {
            let key = self.ledger.authenticate(&token.digest);
            assert_eq!(key.is_some(), token.kind == TokenKind::ApiKey && standing == Standing::Valid);
            if standing.status().is_terminal() {
                let first = self.died.entry(token.digest.clone()).or_insert_with(|| standing.clone());
                assert_eq!(*first, standing, "the first end is the end");
            } else {
                assert!(!self.died.contains_key(&token.digest), "terminal is terminal: {token:?}");
                assert!(!self.revoked.contains(&token.digest), "revoked means revoked: {token:?}");
            }
            let told = deaths(&self.ledger, &token.token_id).len();
            assert!(told <= 1, "told once: {token:?}");
            assert_eq!(told == 1, token.settled, "told with the write that records it: {token:?}");
        }
        for count in self.consumed.values() {
            assert_eq!(*count, 1, "consumed once");
        }
        self.look_at_connections();
    }

    fn look_at_connections(&mut self) {
        let standings = self.ledger.standings();
        for (connection, status) in self.ledger.connections.iter().zip(self.ledger.connection_statuses()) {
            let tokens = self.ledger.tokens.iter().zip(&standings);
            let mut under = tokens.filter(|(token, _)| token.facts.connection_id.as_ref() == Some(&connection.id));
            if status.is_dead() {
                let first = self.ended.entry(connection.id.clone()).or_insert(status);
                assert_eq!(*first, status, "the first end of a connection is the end");
                let alive = under.find(|(_, standing)| !standing.status().is_terminal());
                assert_eq!(alive, None, "all or nothing: {connection:?}");
            } else {
                assert!(!self.ended.contains_key(&connection.id), "no way back: {connection:?}");
                let off = status == ConnectionStatus::Inactive;
                let usable = if off { Standing::Valid } else { Standing::Inactive };
                assert!(under.all(|(_, standing)| *standing != usable), "{status:?}: {connection:?}");
            }
            let told = connection_deaths(&self.ledger, &connection.id).len();
            assert!(told <= 1, "told once: {connection:?}");
            assert_eq!(told == 1, connection.settled, "told with the write that records it: {connection:?}");
        }
    }

    /// What a dry run counts is what the real one would kill now.
    fn counts_tell_what_dies(&self, principal: &Principal, cut: &Cut) {
        let ask = |dry_run| {
            let mut ledger = self.ledger.clone();
            let command = Command::RevokeUser { user_id: user_id(OWNER), cut: cut.clone(), dry_run };
            let (answer, writes) = ledger.run(&kit::once(principal, command, 0));
            (ledger, answer.outcome, writes)
        };
        let ((_, dry, nothing), (after, real, _)) = (ask(true), ask(false));
        assert!(nothing.is_empty(), "a dry run writes nothing");
        let (counted, revoked) = match (dry, real) {
            (
                Ok(Outcome::UserRevoked { revoked: counted, dry_run: true, .. }),
                Ok(Outcome::UserRevoked { revoked, dry_run: false, .. }),
            ) => (counted, revoked),
            (dry, real) => return assert_eq!(dry, real, "refused alike"),
        };
        assert_eq!(counted, revoked);
        // Looked at in one moment: what runs out meanwhile was not killed.
        let mut before = self.ledger.clone();
        before.pass_until(after.now());
        let standings = before.standings().into_iter().zip(after.standings());
        let killed = self.ledger.tokens.iter().zip(standings).filter(|(_, (was, is))| was != is);
        let mut died = count(killed.map(|(token, _)| token));
        let statuses = before.connection_statuses().into_iter().zip(after.connection_statuses());
        died.connections = statuses.filter(|(was, is)| was != is).count() as u64;
        assert_eq!(counted, died);
    }

    fn newest_is_covered_by_no_cutoff(&self) {
        let token = self.ledger.tokens.last().unwrap();
        assert!(!self.ledger.cutoffs.iter().any(|cutoff| covers(cutoff, token)), "{:?}", self.ledger);
        assert_eq!(self.ledger.standings().last(), Some(&Standing::Valid));
    }

    /// Lets the alarm finish, and looks whether every death was told, as what it was.
    fn end(mut self) {
        while !self.ledger.sweep(3).is_empty() || !self.ledger.cutoffs.is_empty() {
            self.look();
        }
        self.look();
        for (token, standing) in self.ledger.tokens.iter().zip(self.ledger.standings()) {
            match (&standing, deaths(&self.ledger, &token.token_id).as_slice()) {
                (Standing::Valid | Standing::Inactive, []) => {}
                (Standing::Dead { status, at, by, reason }, [event]) => {
                    assert_eq!(event.event_type.as_str(), format!("token.{}", status.as_str()));
                    assert_eq!(event.at, *at);
                    assert_eq!(event.actor.as_str(), by.as_ref().map_or("system", |by| by.as_str()));
                    let told = reason.as_ref().is_none_or(|reason| event.data.as_str().contains(reason.as_str()));
                    assert!(told, "{event:?} leaves out {reason:?}");
                }
                (_, told) => panic!("{standing:?} was told as {told:?}"),
            }
        }
        for (connection, status) in self.ledger.connections.iter().zip(self.ledger.connection_statuses()) {
            match (status.is_dead(), connection_deaths(&self.ledger, &connection.id).as_slice()) {
                (false, []) => {}
                (true, [event]) => {
                    assert_eq!(event.event_type.as_str(), format!("connection.{}", status.as_str()));
                    assert_eq!(event.at, connection.recorded.at);
                }
                (_, told) => panic!("{connection:?} was told as {told:?}"),
            }
        }
    }
}

fn is_revocation(command: &Command) -> bool {
    matches!(command, Command::Revoke { .. } | Command::OfGrant(_, GrantAction::Revoke))
}

fn repetitions_are_answered_alike(before: &Ledger, request: &Request, answer: &Answer) {
    let Some(retry) = &request.retry else {
        return assert_eq!(answer.replayed, None);
    };
    // Who was allowed and is no more is refused, even what it was answered before.
    if matches!(answer.outcome, Err(Refusal::Forbidden | Refusal::TokenUnknown | Refusal::TokenOfAnother)) {
        return;
    }
    match before.earlier.iter().find(|earlier| earlier.retry.key == retry.key) {
        None => assert_eq!(answer.replayed, None),
        // What was issued is not given out again when it or its connection is dead or off, nor after its grace.
        Some(earlier) if request.command.issues() && answer.replayed.is_none() => {
            let off = matches!(answer.outcome, Err(Refusal::ConnectionIs(_) | Refusal::Dead(_)));
            let late = matches!(answer.outcome, Ok(Outcome::Replayed(_))) && retry.grace.is_some();
            let other = answer.outcome == Err(Refusal::IdempotencyConflict) && earlier.retry != *retry;
            assert!(off || late || other, "{earlier:?} became {answer:?}");
        }
        Some(earlier) if earlier.retry == *retry || answer.replayed.is_some() => {
            assert!(earlier.retry == *retry || retry.grace.is_some(), "another request's answer: {request:?}");
            assert_eq!(answer.outcome.as_ref(), Ok(&earlier.outcome));
            assert_eq!(answer.replayed.as_ref(), Some(&earlier.minting));
        }
        Some(_) => assert_eq!(answer.outcome, Err(Refusal::IdempotencyConflict)),
    }
}

#[test]
fn a_token_that_runs_out_in_the_tick_of_its_revocation_has_one_end() {
    let mut history = History::new();
    let root = || Caller { principal: Principal::Root, key: None };
    history.take(Step::Mint { caller: root(), kind: TokenKind::ConnectionToken, ttl: Some(1), app: None, scope: None });
    let expires_at = history.ledger.tokens[0].expires_at.unwrap();
    history.ledger.pass_until(expires_at);
    history.take(Step::RevokeUser { caller: root(), back: None, app: None, kinds: Kinds::ALL });
    let standing = &history.ledger.standings()[0];
    assert_eq!((standing.status(), standing.died_at()), (Status::Expired, Some(expires_at)));
    history.end();
}

#[test]
fn what_runs_out_just_after_a_revocation_is_not_counted_as_revoked() {
    let mut history = History::new();
    let root = || Caller { principal: Principal::Root, key: None };
    history.take(Step::Mint { caller: root(), kind: TokenKind::ConnectionToken, ttl: Some(1), app: None, scope: None });
    history.take(Step::Mint { caller: root(), kind: TokenKind::ApiKey, ttl: None, app: None, scope: None });
    let expires_at = history.ledger.tokens[0].expires_at.unwrap();
    history.ledger.pass_until(Timestamp::from_micros(expires_at.micros() - 1));
    let kinds = Kinds::from_iter([TokenKind::ApiKey]);
    history.take(Step::RevokeUser { caller: root(), back: None, app: None, kinds });
    history.end();
}
