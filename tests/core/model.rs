//! A ledger in memory: what the ledger in SQL is to do, said a second time and without SQL.
//!
//! It shows a [`View`], has `decide` decide, and applies what was decided. It refuses, by a panic, what the one in SQL
//! refuses by a constraint: a token that dies twice, or is added twice.

use hookswitch::core::command::{Cut, Page, TokenName};
use hookswitch::core::decide::{Decision, authenticate};
use hookswitch::core::event::Recorded;
use hookswitch::core::sweep::settle;
use hookswitch::core::token::Facts;
use hookswitch::core::view::{Change, Counts, Cutoff, Earlier, Writes};
use hookswitch::core::{
    Answer, Command, Digest, Event, Outcome, Principal, Request, Standing, Timestamp, Token, TokenKind, User, View,
    decide,
};

use crate::kit;

/// One user's ledger.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ledger {
    pub(crate) user: Option<User>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) cutoffs: Vec<Cutoff>,
    pub(crate) events: Vec<Event>,
    pub(crate) earlier: Vec<Earlier>,
    /// The platform's time: it may stand still between two requests.
    wall: Timestamp,
    /// The time of the last write.
    last: Timestamp,
}

impl Ledger {
    /// A ledger that nobody has written to, at a time.
    pub(crate) const fn new(wall: Timestamp) -> Self {
        Self {
            user: None,
            tokens: Vec::new(),
            cutoffs: Vec::new(),
            events: Vec::new(),
            earlier: Vec::new(),
            wall,
            last: Timestamp::from_micros(0),
        }
    }

    /// A ledger that holds this user.
    pub(crate) fn of(user: User) -> Self {
        Self { user: Some(user), ..Self::new(kit::second(1)) }
    }

    pub(crate) fn pass(&mut self, micros: i64) {
        self.wall = Timestamp::from_micros(self.wall.micros() + micros);
    }

    pub(crate) const fn pass_until(&mut self, wall: Timestamp) {
        self.wall = wall;
    }

    /// The ledger's time: after every write, even within one tick of the platform's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.wall.max(self.last.next())
    }

    /// Decides a request and commits what was decided. Gives the answer, and what was written.
    pub(crate) fn run(&mut self, request: &Request) -> (Answer, Writes) {
        let now = self.now();
        let Decision { writes, remember, answer } = decide(self.view(request, now), request, now);
        if remember {
            let key = &request.retry.as_ref().unwrap().key;
            assert!(!self.earlier.iter().any(|earlier| earlier.retry.key == *key), "a key was remembered twice");
            self.earlier.push(Earlier {
                retry: request.retry.clone().unwrap(),
                minting: request.minting.clone(),
                outcome: answer.outcome.clone().unwrap(),
            });
        }
        self.commit(&writes, now);
        (answer, writes)
    }

    /// Tells of deaths that nobody asked for, at most so many of each sort. Gives what was written.
    pub(crate) fn sweep(&mut self, batch: usize) -> Writes {
        let now = self.now();
        let ran_out = |token: &&Token| !token.settled && token.expires_at.is_some_and(|at| at <= now);
        let mut expired: Vec<_> = self.tokens.iter().filter(ran_out).cloned().collect();
        expired.sort_by_key(|token| token.expires_at);
        expired.truncate(batch);
        let mut written = self.settle(&expired);

        let Some(oldest) = self.cutoffs.first().cloned() else {
            return written;
        };
        let cut: Vec<_> =
            self.tokens.iter().filter(|token| !token.settled && covers(&oldest, token)).take(batch).cloned().collect();
        let told = self.settle(&cut);
        if cut.len() < batch {
            self.cutoffs.remove(0);
        }
        written.changes.extend(told.changes);
        written.events.extend(told.events);
        written
    }

    fn settle(&mut self, tokens: &[Token]) -> Writes {
        let Some(user) = &self.user else {
            return Writes::default();
        };
        let now = self.now();
        let writes = settle(user, &self.cutoffs, tokens, now);
        self.commit(&writes, now);
        writes
    }

    /// The standing of every token, as a check by root has it.
    pub(crate) fn standings(&self) -> Vec<Standing> {
        let names = self.tokens.iter().map(|token| TokenName::Secret(token.kind, token.digest.clone()));
        let request = kit::once(&Principal::Root, Command::Check(names.collect()), 0);
        let (answer, writes) = self.clone().run(&request);
        assert!(writes.is_empty(), "a check writes nothing");
        match answer.outcome {
            Ok(Outcome::Checked { verdicts, .. }) => {
                verdicts.into_iter().map(|found| found.unwrap().standing).collect()
            }
            Err(_) if self.user.is_none() => Vec::new(),
            other => panic!("a check gives verdicts, not {other:?}"),
        }
    }

    /// Whose API key it is, if it is a live one.
    pub(crate) fn authenticate(&self, key: &Digest) -> Option<Principal> {
        let token = self.tokens.iter().find(|token| token.digest == *key).cloned();
        let view =
            View { user: self.user.clone(), cutoffs: self.cutoffs.clone(), tokens: vec![token], ..View::default() };
        authenticate(&view, self.now()).map(|found| found.principal)
    }

    /// Says of the newest token what no command says yet.
    pub(crate) fn say_of_newest(&mut self, say: impl FnOnce(&mut Facts)) {
        say(&mut self.tokens.last_mut().unwrap().facts);
    }

    fn view(&self, request: &Request, now: Timestamp) -> View {
        let earlier = |retry: &hookswitch::core::command::Retry| {
            self.earlier.iter().find(|earlier| earlier.retry.key == retry.key).cloned()
        };
        let mut view = View {
            user: self.user.clone(),
            cutoffs: self.cutoffs.clone(),
            tokens: request.command.tokens().iter().map(|name| self.token(name)).collect(),
            earlier: request.retry.as_ref().and_then(earlier),
            ..View::default()
        };
        match &request.command {
            Command::RevokeUser { cut, .. } => view.live = self.live(cut, now),
            Command::ListTokens { page, .. } => {
                view.token_page = part(*page, &self.tokens, |place, token| (place, token));
            }
            Command::ListEvents { page, .. } => {
                view.event_page = part(*page, &self.events, |seq, event| Recorded { seq, event });
            }
            _ => {}
        }
        view
    }

    fn token(&self, name: &TokenName) -> Option<Token> {
        let named = |token: &&Token| match name {
            TokenName::Secret(_, digest) => token.digest == *digest,
            TokenName::Public(token_id) => token.token_id == *token_id,
        };
        self.tokens.iter().find(named).cloned()
    }

    fn live(&self, cut: &Cut, now: Timestamp) -> Counts {
        let alive = |token: &&Token| {
            !token.settled
                && token.expires_at.is_none_or(|at| at > now)
                && !self.cutoffs.iter().any(|cutoff| covers(cutoff, token))
        };
        count(self.tokens.iter().filter(alive).filter(|token| cut_covers(cut, token, now)))
    }

    fn commit(&mut self, writes: &Writes, now: Timestamp) {
        if writes.is_empty() {
            return;
        }
        for change in &writes.changes {
            match change {
                Change::PutUser(user) => self.user = Some(user.clone()),
                Change::AddToken(token) => {
                    let known = |other: &Token| other.digest == token.digest || other.token_id == token.token_id;
                    assert!(!self.tokens.iter().any(known), "a token was added twice");
                    self.tokens.push(token.clone());
                }
                Change::Settle { digest, verdict } => {
                    let token = self.tokens.iter_mut().find(|token| token.digest == *digest).unwrap();
                    assert!(!token.settled, "a token died twice");
                    assert!(verdict.status().is_terminal(), "a token was settled alive");
                    token.settled = true;
                    token.end = verdict.standing.end();
                }
                Change::AddCutoff(cutoff) => self.cutoffs.push(cutoff.clone()),
            }
        }
        self.events.extend(writes.events.iter().cloned());
        assert!(now > self.last, "two writes at one time");
        self.last = now;
    }
}

/// Whether a cutoff covers a token; said again, and not asked of the core.
pub(crate) fn covers(cutoff: &Cutoff, token: &Token) -> bool {
    token.created_at <= cutoff.before
        && cutoff.kinds.bits() & token.kind.bit() != 0
        && (cutoff.app_id.is_none() || cutoff.app_id == token.facts.app_id)
}

/// Whether what a request cuts off at this time is to cover a token.
pub(crate) fn cut_covers(cut: &Cut, token: &Token, now: Timestamp) -> bool {
    token.created_at <= cut.before.unwrap_or(now)
        && cut.kinds.bits() & token.kind.bit() != 0
        && cut.app_id.as_ref().is_none_or(|app| token.facts.app_id.as_ref() == Some(app))
}

/// How many of each kind.
pub(crate) fn count<'a>(tokens: impl Iterator<Item = &'a Token>) -> Counts {
    let kinds: Vec<_> = tokens.map(|token| token.kind).collect();
    let mut counts = Counts::default();
    for kind in TokenKind::ALL {
        match kinds.iter().filter(|of| *of == kind).count() {
            0 => {}
            number => counts.add(*kind, number as u64),
        }
    }
    counts
}

/// One row more than a page has, the newest first; the first row's place is 1.
fn part<T: Clone, R>(page: Page, rows: &[T], row: impl Fn(u64, T) -> R) -> Vec<R> {
    let mut placed: Vec<_> = (1_u64..).zip(rows.iter().cloned()).collect();
    placed.reverse();
    let wanted = placed.into_iter().filter(|(place, _)| page.before.is_none_or(|before| *place < before));
    wanted.take(page.rows() as usize).map(|(place, one)| row(place, one)).collect()
}
