//! A ledger in memory: what the ledger in SQL is to do, said a second time and without SQL.
//!
//! It shows a [`View`], has `decide` decide, and applies what was decided. It refuses, by a panic, what the one in SQL
//! refuses by a constraint: what dies twice, or is added twice.

use hookswitch::core::connection::{Connection, ConnectionStatus};
use hookswitch::core::credential::{Credential, CredentialState, Deposit};
use hookswitch::core::cutoff::{Counts, Cutoff, Reach};
use hookswitch::core::decide::{Decision, authenticate};
use hookswitch::core::event::Recorded;
use hookswitch::core::order::{Cut, Page};
use hookswitch::core::status::connection_status;
use hookswitch::core::sweep::{settle, settle_connections};
use hookswitch::core::target::TokenName;
use hookswitch::core::view::{Change, Earlier, Writes};
use hookswitch::core::{
    Answer, App, AppId, Command, ConnectionId, Digest, Event, Outcome, Principal, Request, Standing, Timestamp, Token,
    TokenKind, User, View, decide,
};

use crate::kit;

/// One ledger: a user's, or an app's.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ledger {
    pub(crate) user: Option<User>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) connections: Vec<Connection>,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) cutoffs: Vec<Cutoff>,
    pub(crate) events: Vec<Event>,
    pub(crate) earlier: Vec<Earlier>,
    pub(crate) app: Option<App>,
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
            connections: Vec::new(),
            credentials: Vec::new(),
            cutoffs: Vec::new(),
            events: Vec::new(),
            earlier: Vec::new(),
            app: None,
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
        let mut ran_out: Vec<_> = self.untold(|token| token.expires_at.is_some_and(|at| at <= now));
        ran_out.sort_by_key(|token| token.expires_at);
        ran_out.truncate(batch);
        let mut written = self.settle(&ran_out, &[]);

        let given_up = |connection: &Connection| {
            let waits = connection.recorded.status == ConnectionStatus::Initiated;
            waits && connection.expires_at.is_some_and(|at| at <= now)
        };
        let given_up: Vec<_> = self.untold_connections(given_up).into_iter().take(batch).collect();
        append(&mut written, self.settle(&[], &given_up));

        let Some(oldest) = self.cutoffs.first().cloned() else {
            return written;
        };
        let fell = |token: &Token| {
            let above = token.facts.connection_id.as_ref().and_then(|id| self.connection(id));
            covers(&oldest, token) || above.is_some_and(|above| covers_connection(&oldest, above))
        };
        let tokens: Vec<_> = self.untold(fell).into_iter().take(batch).collect();
        let told = self.settle(&tokens, &[]);
        append(&mut written, told);
        if tokens.len() < batch {
            // Only now: what hangs on a connection is found by what the cutoff says of that.
            let connections = self.untold_connections(|connection| covers_connection(&oldest, connection));
            append(&mut written, self.settle(&[], &connections));
            self.cutoffs.remove(0);
        }
        written
    }

    fn untold(&self, which: impl Fn(&Token) -> bool) -> Vec<Token> {
        self.tokens.iter().filter(|token| !token.settled && which(token)).cloned().collect()
    }

    fn untold_connections(&self, which: impl Fn(&Connection) -> bool) -> Vec<Connection> {
        let told =
            |connection: &Connection| connection.settled || connection.recorded.status == ConnectionStatus::Revoking;
        self.connections.iter().filter(|connection| !told(connection) && which(connection)).cloned().collect()
    }

    fn settle(&mut self, tokens: &[Token], connections: &[Connection]) -> Writes {
        let Some(user) = &self.user else {
            return Writes::default();
        };
        let now = self.now();
        let view = View { credentials: self.credentials.clone(), ..self.standing_view() };
        let mut writes = settle(user, &view, tokens, now);
        append(&mut writes, settle_connections(user, &view, connections, now));
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

    /// The status of every connection now.
    pub(crate) fn connection_statuses(&self) -> Vec<ConnectionStatus> {
        let now = self.now();
        self.connections.iter().map(|connection| connection_status(connection, &self.cutoffs, now).status).collect()
    }

    /// Whose API key it is, if it is a live one.
    pub(crate) fn authenticate(&self, key: &Digest) -> Option<Principal> {
        let token = self.tokens.iter().find(|token| token.digest == *key).cloned();
        let view =
            View { user: self.user.clone(), cutoffs: self.cutoffs.clone(), tokens: vec![token], ..View::default() };
        authenticate(&view, self.now()).map(|found| found.principal)
    }

    pub(crate) fn connection(&self, id: &ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.id == *id)
    }

    fn view(&self, request: &Request, now: Timestamp) -> View {
        let earlier = |retry: &hookswitch::core::request::Retry| {
            self.earlier.iter().find(|earlier| earlier.retry.key == retry.key).cloned()
        };
        let mut view = View {
            user: self.user.clone(),
            cutoffs: self.cutoffs.clone(),
            tokens: request.command.tokens().iter().map(|name| self.token(name)).collect(),
            earlier: request.retry.as_ref().and_then(earlier),
            app: self.app.clone(),
            ..View::default()
        };
        if let Some(Some(token)) = view.tokens.first() {
            let family = token.grant.family.as_ref().filter(|_| token.kind == TokenKind::RefreshToken);
            let lives = |other: &Token| !other.settled && other.grant.family.as_ref() == family;
            view.family_lives = family.is_some() && self.tokens.iter().any(lives);
        }
        if let Some(earlier) = view.earlier.as_ref().filter(|_| request.command.issues()) {
            let issued = earlier.minting.tokens.iter().map(|fresh| fresh.digest.clone());
            view.reissued =
                issued.filter_map(|digest| self.tokens.iter().find(|token| token.digest == digest).cloned()).collect();
        }
        // All of them, the newest first: a decision may not depend on there being no more than it asked for.
        view.connections = self.connections.iter().rev().cloned().collect();
        view.credentials.clone_from(&self.credentials);
        match &request.command {
            Command::RevokeUser { cut, .. } => view.live = self.live(cut, now),
            Command::ListTokens { page, .. } => {
                view.token_page = part(*page, &self.tokens, |place, token| (place, token));
            }
            Command::ListConnections { page, .. } => {
                view.connection_page = part(*page, &self.connections, |place, connection| (place, connection));
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
        let standings = self.tokens.iter().zip(self.standings_at(now));
        let alive = standings.filter(|(_, standing)| !standing.status().is_terminal()).map(|(token, _)| token);
        let live = self.connections.iter().filter(|connection| {
            !connection_status(connection, &self.cutoffs, now).status.is_dead()
                && cut_covers_connection(cut, connection, now)
        });
        let under = |token: &Token| {
            let above = token.facts.connection_id.as_ref().and_then(|id| self.connection(id));
            above.is_some_and(|above| cut_covers_connection(cut, above, now))
        };
        let mut counts = count(alive.filter(|token| cut_covers(cut, token, now) || under(token)));
        counts.connections = live.count() as u64;
        counts
    }

    fn standings_at(&self, now: Timestamp) -> Vec<Standing> {
        let view = self.standing_view();
        self.tokens.iter().map(|token| view.status(token, now)).collect()
    }

    /// What the standing of every token follows from.
    fn standing_view(&self) -> View {
        View { connections: self.connections.clone(), cutoffs: self.cutoffs.clone(), ..View::default() }
    }

    fn commit(&mut self, writes: &Writes, now: Timestamp) {
        if writes.is_empty() {
            return;
        }
        for change in &writes.changes {
            self.apply(change);
        }
        self.events.extend(writes.events.iter().cloned());
        assert!(now > self.last, "two writes at one time");
        self.last = now;
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::PutUser(user) => self.user = Some(user.clone()),
            Change::PutApp(app) => self.app = Some(app.clone()),
            Change::AddCutoff(cutoff) => self.cutoffs.push(cutoff.clone()),
            Change::AddToken(token) => {
                let known = |other: &Token| other.digest == token.digest || other.token_id == token.token_id;
                assert!(!self.tokens.iter().any(known), "a token was added twice");
                self.tokens.push(token.clone());
            }
            Change::Settle { digest, verdict } => {
                let token = self.token_mut(digest);
                assert!(!token.settled, "a token died twice");
                assert!(verdict.status().is_terminal(), "a token was settled alive");
                token.settled = true;
                token.end = verdict.standing.end();
            }
            Change::Extend(digest, until) => {
                let token = self.token_mut(digest);
                assert!(!token.settled && token.expires_at < Some(*until), "only a live token lives longer");
                token.expires_at = Some(*until);
            }
            Change::MarkReplayed(digest) => {
                let token = self.token_mut(digest);
                assert!(token.settled && !token.grant.replayed, "a token was marked twice");
                token.grant.replayed = true;
            }
            Change::PutConnection(connection) => {
                match self.connections.iter_mut().find(|other| other.id == connection.id) {
                    Some(other) => {
                        assert!(!other.settled, "a connection that was told dead was changed");
                        *other = connection.clone();
                    }
                    None => self.connections.push(connection.clone()),
                }
            }
            Change::MarkDeleted(id) => {
                let connection = self.connections.iter_mut().find(|connection| connection.id == *id).unwrap();
                assert!(connection.recorded.status.is_dead(), "only what is dead is marked");
                connection.deleted = true;
            }
            Change::Deposit(id, deposits) => deposits.iter().for_each(|deposit| self.hold(id, deposit)),
            Change::PutCredential(credential) => {
                let kept = self.credentials.iter_mut().find(|kept| kept.seq == credential.seq).unwrap();
                assert!(kept.state.is_open() || kept.state == CredentialState::Held || kept == credential, "it ended");
                *kept = credential.clone();
            }
            Change::Operator(_) => panic!("a user's ledger is not the operator's"),
        }
    }

    /// Keeps a credential, in the place of the one of its type that is held.
    fn hold(&mut self, id: &ConnectionId, deposit: &Deposit) {
        let replaced = |kept: &Credential| {
            let of_type = kept.connection_id == *id && kept.token_type == deposit.token_type;
            of_type && kept.state == CredentialState::Held
        };
        self.credentials.retain(|kept| !replaced(kept));
        let seq = self.credentials.iter().map(|kept| kept.seq).max().unwrap_or_default() + 1;
        let fresh = kit::credential(seq, id.clone(), deposit.token_type);
        self.credentials.push(Credential { expires_at: deposit.expires_at, changed_at: self.now(), ..fresh });
    }

    fn token_mut(&mut self, digest: &Digest) -> &mut Token {
        self.tokens.iter_mut().find(|token| token.digest == *digest).unwrap()
    }
}

/// Whether a cutoff covers a token; said again, and not asked of the core.
pub(crate) fn covers(cutoff: &Cutoff, token: &Token) -> bool {
    let reached = match &cutoff.reach {
        Reach::Everything => true,
        Reach::App(app_id) => token.facts.app_id == Some(app_id.clone()),
        Reach::Connection(id) => token.facts.connection_id == Some(id.clone()),
        Reach::Family(first) => token.grant.family == Some(first.clone()),
    };
    reached && token.created_at <= cutoff.before && cutoff.kinds.bits() & token.kind.bit() != 0
}

/// Whether a cutoff covers a connection; said again, and not asked of the core.
pub(crate) fn covers_connection(cutoff: &Cutoff, connection: &Connection) -> bool {
    let app_id = match &cutoff.reach {
        Reach::Everything => None,
        Reach::App(app_id) => Some(app_id),
        Reach::Connection(_) | Reach::Family(_) => return false,
    };
    is_cut(cutoff.kinds.bits(), cutoff.before, app_id, connection)
}

/// Whether what a request cuts off at this time is to cover a token by itself.
pub(crate) fn cut_covers(cut: &Cut, token: &Token, now: Timestamp) -> bool {
    token.created_at <= cut.before.unwrap_or(now)
        && cut.kinds.bits() & token.kind.bit() != 0
        && cut.app_id.as_ref().is_none_or(|app| token.facts.app_id.as_ref() == Some(app))
}

/// Whether what a request cuts off at this time is to cover a connection.
pub(crate) fn cut_covers_connection(cut: &Cut, connection: &Connection, now: Timestamp) -> bool {
    is_cut(cut.kinds.bits(), cut.before.unwrap_or(now), cut.app_id.as_ref(), connection)
}

fn is_cut(kinds: u32, before: Timestamp, app_id: Option<&AppId>, connection: &Connection) -> bool {
    kinds & 16 != 0 && connection.created_at <= before && app_id.is_none_or(|app_id| connection.app_id == *app_id)
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

fn append(writes: &mut Writes, more: Writes) {
    writes.changes.extend(more.changes);
    writes.events.extend(more.events);
}

/// One row more than a page has, the newest first; the first row's place is 1.
fn part<T: Clone, R>(page: Page, rows: &[T], row: impl Fn(u64, T) -> R) -> Vec<R> {
    let mut placed: Vec<_> = (1_u64..).zip(rows.iter().cloned()).collect();
    placed.reverse();
    let wanted = placed.into_iter().filter(|(place, _)| page.before.is_none_or(|before| *place < before));
    wanted.take(page.rows() as usize).map(|(place, one)| row(place, one)).collect()
}
