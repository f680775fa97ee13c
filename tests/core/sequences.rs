//! For every sequence of commands, sweeps, repetitions and time passing, by whomever: the promises.

use std::collections::{HashMap, HashSet};

use hookswitch::core::command::{Cut, Order, Retry, TokenName};
use hookswitch::core::event::EventType;
use hookswitch::core::view::{Change, Kinds, Writes};
use hookswitch::core::{
    Answer, Command, Digest, Event, Outcome, Principal, Refusal, Request, Role, Standing, Status, Timestamp, TokenId,
    TokenKind,
};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::kit::{self, FIRST_PAGE, minting, profile, user_id};
use crate::model::{Ledger, count, covers, cut_covers};
use crate::steps::{Caller, OWNER, Pick, Step, steps};

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
}

impl History {
    fn new() -> Self {
        let ledger = Ledger::of(kit::user(OWNER, profile(Role::Member, &["a"])));
        let (died, consumed, revoked) = (HashMap::new(), HashMap::new(), HashSet::new());
        Self { ledger, sent: Vec::new(), minted: 0, died, consumed, revoked }
    }

    fn take(&mut self, step: Step) {
        let owner = user_id(OWNER);
        match step {
            Step::Put(caller, profile) => self.send(caller, Command::PutUser(owner, profile)),
            Step::Get(caller) => self.send(caller, Command::GetUser(owner)),
            Step::Mint { caller, kind, ttl, app } => {
                let before = self.ledger.tokens.len();
                self.send(caller, Command::Mint(owner, Order::plain(kind, ttl)));
                if self.ledger.tokens.len() > before {
                    self.ledger.say_of_newest(|facts| facts.app_id = app);
                    self.newest_is_covered_by_no_cutoff();
                }
            }
            Step::Check(caller, pick) => self.about(&pick, |name| (caller, Command::Check(vec![name]))),
            Step::Consume(caller, pick) => self.about(&pick, |name| (caller, Command::Consume(name))),
            Step::Revoke(caller, pick) => {
                self.about(&pick, |token| (caller, Command::Revoke { token, reason: Some("a reason".to_owned()) }));
            }
            Step::RevokeUser { caller, back, app, kinds } => {
                let before = back.map(|back| Timestamp::from_micros(self.ledger.now().micros() - back));
                let cut = Cut { before, app_id: app, kinds, reason: None };
                self.counts_tell_what_dies(&caller.principal, &cut);
                self.send(caller, Command::RevokeUser { user_id: owner, cut, dry_run: false });
            }
            Step::Tokens(caller) => {
                self.send(caller, Command::ListTokens { user_id: owner, page: FIRST_PAGE, status: None, kind: None });
            }
            Step::Events(caller) => {
                self.send(caller, Command::ListEvents { user_id: owner, page: FIRST_PAGE, event_type: None });
            }
            Step::Again(index) => self.again(index),
            Step::Pass(micros) => self.ledger.pass(micros),
            Step::Sweep(batch) => {
                let writes = self.ledger.sweep(batch);
                events_tell_of_changes(&writes);
            }
        }
        self.look();
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
        self.send(caller, command);
    }

    fn send(&mut self, caller: Caller, command: Command) {
        let Caller { principal, key } = caller;
        self.minted += 1;
        let retry = key.map(|key| Retry {
            key: Digest::of_parts(&[principal.actor().as_str().as_bytes(), &[key]]),
            request: Digest::of(format!("{command:?}").as_bytes()),
        });
        self.run(Request { principal, minting: minting(&command, self.minted), command, retry });
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
        events_tell_of_changes(&writes);

        let reads = matches!(
            request.command,
            Command::GetUser(_)
                | Command::Check(_)
                | Command::ListTokens { .. }
                | Command::ListEvents { .. }
                | Command::RevokeUser { dry_run: true, .. }
        );
        if answer.outcome.is_err() || answer.replayed.is_some() || reads {
            assert!(writes.is_empty(), "{answer:?} came with {writes:?}");
            assert_eq!(self.ledger, before);
        }
        repetitions_are_answered_alike(&before, &request, &answer);
        self.remember(&before, &request, &answer);
        self.sent.push(request);
    }

    /// Notes what the answer promises.
    fn remember(&mut self, before: &Ledger, request: &Request, answer: &Answer) {
        if answer.replayed.is_some() {
            return;
        }
        match &answer.outcome {
            Ok(Outcome::Consumed(verdict, _)) => {
                assert_eq!(verdict.status(), Status::Consumed);
                assert_eq!(verdict.kind, TokenKind::ConnectionToken);
                *self.consumed.entry(verdict.token_id.clone()).or_default() += 1;
            }
            Ok(Outcome::Revoked { verdict, .. }) => {
                assert!(verdict.status().is_terminal());
                let token = self.ledger.tokens.iter().find(|token| token.token_id == verdict.token_id).unwrap();
                self.revoked.insert(token.digest.clone());
            }
            Ok(Outcome::UserRevoked { dry_run: false, .. }) => {
                let Command::RevokeUser { cut, .. } = &request.command else {
                    panic!("{request:?} revoked a user");
                };
                let covered = before.tokens.iter().filter(|token| cut_covers(cut, token, before.now()));
                self.revoked.extend(covered.map(|token| token.digest.clone()));
            }
            _ => {}
        }
    }

    /// Looks at every token, as a check would.
    fn look(&mut self) {
        for (token, standing) in self.ledger.tokens.iter().zip(self.ledger.standings()) {
            let key = self.ledger.authenticate(&token.digest);
            assert_eq!(key.is_some(), token.kind == TokenKind::ApiKey && standing == Standing::Valid);
            if standing == Standing::Valid {
                assert!(!self.died.contains_key(&token.digest), "terminal is terminal: {token:?}");
                assert!(!self.revoked.contains(&token.digest), "revoked means revoked: {token:?}");
            } else {
                let first = self.died.entry(token.digest.clone()).or_insert_with(|| standing.clone());
                assert_eq!(*first, standing, "the first end is the end");
            }
            let told = self.ledger.events.iter().filter(|event| tells_of_death(event, &token.token_id)).count();
            assert!(told <= 1, "told once: {token:?}");
            assert_eq!(told == 1, token.settled, "told with the write that records it: {token:?}");
        }
        for count in self.consumed.values() {
            assert_eq!(*count, 1, "consumed once");
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
        assert_eq!(counted, count(killed.map(|(token, _)| token)));
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
            let told: Vec<_> =
                self.ledger.events.iter().filter(|event| tells_of_death(event, &token.token_id)).collect();
            match (&standing, told.as_slice()) {
                (Standing::Valid, []) => {}
                (Standing::Dead { status, at, by, reason }, [event]) => {
                    assert_eq!(event.event_type.as_str(), format!("token.{}", status.as_str()));
                    assert_eq!(event.at, *at);
                    assert_eq!(event.actor.as_str(), by.as_ref().map_or("system", |by| by.as_str()));
                    let told = reason.as_ref().is_none_or(|reason| event.data.as_str().contains(reason.as_str()));
                    assert!(told, "{event:?} leaves out {reason:?}");
                }
                _ => panic!("{standing:?} was told as {told:?}"),
            }
        }
    }
}

fn tells_of_death(event: &Event, token: &TokenId) -> bool {
    let terminal = [EventType::TokenConsumed, EventType::TokenRevoked, EventType::TokenExpired];
    terminal.contains(&event.event_type) && event.token_id.as_ref() == Some(token)
}

/// One event for each change, and it says what changed.
fn events_tell_of_changes(writes: &Writes) {
    assert_eq!(writes.changes.len(), writes.events.len(), "{writes:?}");
    for (change, event) in writes.changes.iter().zip(&writes.events) {
        let (types, token): (&[EventType], Option<&TokenId>) = match change {
            Change::PutUser(_) => (&[EventType::UserCreated, EventType::UserUpdated], None),
            Change::AddCutoff(_) => (&[EventType::UserRevoked], None),
            Change::AddToken(token) => (&[EventType::TokenCreated], Some(&token.token_id)),
            Change::Settle { verdict, .. } => {
                assert!(tells_of_death(event, &verdict.token_id));
                (std::slice::from_ref(&event.event_type), Some(&verdict.token_id))
            }
        };
        assert!(types.contains(&event.event_type), "{change:?} was told as {event:?}");
        assert_eq!(event.token_id.as_ref(), token);
    }
}

fn repetitions_are_answered_alike(before: &Ledger, request: &Request, answer: &Answer) {
    let Some(retry) = &request.retry else {
        return assert_eq!(answer.replayed, None);
    };
    // Who was allowed and is no more is refused, even what it was answered before.
    if answer.outcome == Err(Refusal::Forbidden) {
        return;
    }
    match before.earlier.iter().find(|earlier| earlier.retry.key == retry.key) {
        None => assert_eq!(answer.replayed, None),
        Some(earlier) if earlier.retry == *retry => {
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
    history.take(Step::Mint { caller: root(), kind: TokenKind::ConnectionToken, ttl: Some(1), app: None });
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
    history.take(Step::Mint { caller: root(), kind: TokenKind::ConnectionToken, ttl: Some(1), app: None });
    history.take(Step::Mint { caller: root(), kind: TokenKind::AccessToken, ttl: None, app: None });
    let expires_at = history.ledger.tokens[0].expires_at.unwrap();
    history.ledger.pass_until(Timestamp::from_micros(expires_at.micros() - 1));
    let kinds = Kinds::from_iter([TokenKind::AccessToken]);
    history.take(Step::RevokeUser { caller: root(), back: None, app: None, kinds });
    history.end();
}
