//! A model of a user's ledger: it stores rows in vectors instead of in SQL.
//!
//! It reads a [`Snapshot`] as a command's [`Reads`] ask, lets the core decide, and applies the changes. A constraint that
//! the SQL schema enforces is an assertion here: a token ends once and is added once. Every request and every outcome
//! passes through its JSON, as between Worker and ledger.

use std::fmt::Debug;

use hookswitch::core::command::IdempotencyKey;
use hookswitch::core::credential::NewCredential;
use hookswitch::core::cutoff::{Counts, CutoffScope, RevocationCutoff};
use hookswitch::core::decide::keys::AuthenticateKey;
use hookswitch::core::decide::reservations::Reservation;
use hookswitch::core::decide::sweep::{record_ended_connections, record_expired_tokens};
use hookswitch::core::decide::tokens::CheckTokens;
use hookswitch::core::decide::{Decision, UserCommand};
use hookswitch::core::event::RecordedEvent;
use hookswitch::core::params::{Cursor, PageRequest, Positioned, RevokeFilter};
use hookswitch::core::snapshot::{ConnectionSelection, Reads, StoredResponse};
use hookswitch::core::status::connection_state;
use hookswitch::core::token::{EndKind, TokenEnd};
use hookswitch::core::{
    AppId, ChangeSet, Connection, ConnectionId, ConnectionStatus, Credential, CredentialState, DecisionError, Digest,
    Event, Mutation, Principal, Reply, Request, Snapshot, Status, Timestamp, Token, TokenKey, TokenKind, TokenRef,
    TokenState, User, decide,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::kit;

/// A command that the model can run: its request and outcome can be compared and printed.
pub(crate) trait Runnable: UserCommand<Outcome: Clone + Debug + PartialEq> + Clone + Debug + PartialEq {}

impl<C: UserCommand<Outcome: Clone + Debug + PartialEq> + Clone + Debug + PartialEq> Runnable for C {}

/// The rows of a user's ledger, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ledger {
    pub(crate) user: Option<User>,
    pub(crate) reservation: Option<Reservation>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) connections: Vec<Connection>,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) cutoffs: Vec<RevocationCutoff>,
    pub(crate) events: Vec<Event>,
    pub(crate) stored: Vec<StoredResponse>,
    /// The time of the platform's clock, which may stand still between two requests.
    clock: Timestamp,
    /// The time of the last write.
    last_write: Timestamp,
}

impl Ledger {
    /// An empty ledger at a time.
    pub(crate) const fn new(clock: Timestamp) -> Self {
        Self {
            user: None,
            reservation: None,
            tokens: Vec::new(),
            connections: Vec::new(),
            credentials: Vec::new(),
            cutoffs: Vec::new(),
            events: Vec::new(),
            stored: Vec::new(),
            clock,
            last_write: Timestamp::from_micros(0),
        }
    }

    /// A ledger with a user.
    pub(crate) fn of(user: User) -> Self {
        Self { user: Some(user), ..Self::new(kit::second(1)) }
    }

    /// Advances the clock by this many microseconds.
    pub(crate) fn pass(&mut self, micros: i64) {
        self.clock = Timestamp::from_micros(self.clock.micros() + micros);
    }

    /// Sets the clock.
    pub(crate) const fn pass_until(&mut self, clock: Timestamp) {
        self.clock = clock;
    }

    /// The time of the next request: later than every write, also within one tick of the platform's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.max(self.last_write.next())
    }

    /// Decides a request and writes the changes. Returns the reply and the changes.
    pub(crate) fn run<C: Runnable>(&mut self, request: &Request<C>) -> (Reply<C::Outcome>, ChangeSet) {
        assert_eq!(&through_json(request), request, "the request survives its JSON");
        let now = self.now();
        let Decision { changes, store_response, reply } = decide(&self.snapshot(request, now), request, now);
        assert_eq!(json(&through_json(&reply)), json(&reply), "the reply survives its JSON");
        if store_response {
            self.store(request, &reply);
        }
        self.commit(&changes, now);
        (reply, changes)
    }

    /// The outcome of a request whose changes do not matter.
    pub(crate) fn ask<C: Runnable>(&mut self, request: &Request<C>) -> Result<C::Outcome, DecisionError> {
        self.run(request).0.outcome
    }

    /// The outcome of a command of root that names no app.
    pub(crate) fn as_root<C: Runnable>(&mut self, command: C, number: u64) -> Result<C::Outcome, DecisionError> {
        self.ask(&kit::request(&Principal::Root, command, number))
    }

    /// The outcome of a request that writes nothing.
    fn look_up<C: Runnable>(&self, request: &Request<C>) -> Result<C::Outcome, DecisionError> {
        let now = self.now();
        let decision = decide(&self.snapshot(request, now), request, now);
        assert!(decision.changes.is_empty() && !decision.store_response, "{} writes nothing", C::NAME);
        decision.reply.outcome
    }

    fn store<C: Runnable>(&mut self, request: &Request<C>, reply: &Reply<C::Outcome>) {
        let idempotency = request.idempotency.clone().unwrap();
        let mut outcome = reply.outcome.clone().unwrap();
        C::redact(&mut outcome);
        let is_new = |stored: &StoredResponse| stored.idempotency.key != idempotency.key;
        assert!(self.stored.iter().all(is_new), "an answer is stored once for each key");
        let outcome = serde_json::to_string(&outcome).unwrap();
        self.stored.push(StoredResponse { idempotency, minted: request.minted.clone(), outcome });
    }

    /// The tokens and connections of the ledger, as a decision of this request sees them.
    fn snapshot<C: Runnable>(&self, request: &Request<C>, now: Timestamp) -> Snapshot {
        let stored = |idempotency: &IdempotencyKey| {
            self.stored.iter().find(|stored| stored.idempotency.key == idempotency.key).cloned()
        };
        let stored = request.idempotency.as_ref().and_then(stored);
        let reads = request.command.reads().for_repetition(stored.as_ref());
        let mut snapshot = Snapshot {
            user: self.user.clone(),
            reservation: self.reservation.clone().filter(|_| reads.reservation),
            cutoffs: self.cutoffs.clone(),
            tokens: reads.tokens.iter().map(|token| self.find(token)).collect(),
            connections: self.select(&reads.connections, now),
            stored,
            principal_key: request.key_to_verify().and_then(|key| self.principal_key(key)),
            token_page: page_of(reads.token_page, &self.tokens),
            event_page: page_of(reads.event_page, &self.recorded_events()),
            ..Snapshot::default()
        };
        if let ConnectionSelection::Page(page) = &reads.connections {
            snapshot.connection_page = page_of(Some(*page), &self.connections);
        }
        if let Some(stored) = &snapshot.stored {
            let issued = stored.minted.tokens.iter();
            snapshot.reissued = issued.filter_map(|minted| self.with_digest(&minted.digest).cloned()).collect();
        }
        if let Some(filter) = &reads.live {
            (snapshot.live, snapshot.live_connections) = self.live(filter, now);
        }
        if reads.family_alive {
            snapshot.family_alive = snapshot.tokens.iter().flatten().any(|token| self.family_may_be_alive(token, now));
        }
        self.add_connections_of_tokens(&mut snapshot);
        self.add_credentials(&reads, &mut snapshot);
        snapshot
    }

    /// The API key of a principal. The key of [`kit::principal`] is in every ledger.
    fn principal_key(&self, key: &TokenRef) -> Option<Token> {
        let of_kit = || (*key == kit::public(kit::KEY)).then(|| kit::token(TokenKind::ApiKey, kit::KEY));
        self.find(key).or_else(of_kit)
    }

    /// Whether no cutoff ended the family of a token and its connection is alive.
    fn family_may_be_alive(&self, token: &Token, now: Timestamp) -> bool {
        let above = token.facts.connection_id.as_ref().and_then(|id| self.connection(id));
        let family = token.grant.family.as_ref().unwrap_or(&token.token_id);
        let is_ended = |cutoff: &RevocationCutoff| cutoff.scope == CutoffScope::Family(family.clone());
        above.is_some_and(|above| !self.status_of(above, now).is_dead()) && !self.cutoffs.iter().any(is_ended)
    }

    fn add_connections_of_tokens(&self, snapshot: &mut Snapshot) {
        let page = snapshot.token_page.iter().map(|row| &row.value);
        let tokens = snapshot.tokens.iter().flatten().chain(&snapshot.reissued).chain(page);
        let ids: Vec<_> = tokens.filter_map(|token| token.facts.connection_id.clone()).collect();
        for id in ids {
            if snapshot.connection(&id).is_none() {
                snapshot.connections.push(self.connection(&id).unwrap().clone());
            }
        }
    }

    fn add_credentials(&self, reads: &Reads, snapshot: &mut Snapshot) {
        if !reads.credentials {
            return;
        }
        let page = snapshot.connection_page.iter().map(|row| &row.value);
        let read: Vec<_> = snapshot.connections.iter().chain(page).map(|connection| &connection.id).collect();
        let stored = self.credentials.iter().filter(|credential| read.contains(&&credential.connection_id));
        snapshot.credentials = stored.cloned().collect();
    }

    /// The connections that a command asks for, newest first.
    fn select(&self, selection: &ConnectionSelection, now: Timestamp) -> Vec<Connection> {
        use ConnectionStatus::{Active, Inactive, Initiated, Revoking};
        let newest_first = || self.connections.iter().rev().filter(|connection| !connection.end_recorded);
        let status = |connection: &&Connection| connection.recorded.status;
        match selection {
            ConnectionSelection::None | ConnectionSelection::Page(_) => Vec::new(),
            ConnectionSelection::ById(id) => self.connection(id).cloned().into_iter().collect(),
            ConnectionSelection::ByCredential(seq) => {
                let credential = self.credentials.iter().find(|credential| credential.seq == *seq);
                credential
                    .and_then(|credential| self.connection(&credential.connection_id))
                    .cloned()
                    .into_iter()
                    .collect()
            }
            ConnectionSelection::NewestOf(app_id) => {
                let waits = |connection: &&Connection| {
                    status(connection) == Initiated && connection.expires_at.is_none_or(|at| at > now)
                };
                let mut of_app = newest_first().filter(|connection| connection.app_id == *app_id);
                of_app.find(|one| status(one) == Active || waits(one)).cloned().into_iter().collect()
            }
            ConnectionSelection::OpenOf(app_id) => {
                let is_open = |one: &&Connection| one.app_id == *app_id && status(one) != Revoking;
                newest_first().filter(is_open).cloned().collect()
            }
            ConnectionSelection::Authorized => {
                newest_first().filter(|one| matches!(status(one), Active | Inactive)).cloned().collect()
            }
        }
    }

    fn find(&self, token: &TokenRef) -> Option<Token> {
        let found = self.tokens.iter().find(|row| row.digest.key() == token.key())?;
        let is_named = match token {
            TokenRef::Secret { digest, .. } => found.digest == *digest,
            TokenRef::Public { token_id, .. } => found.token_id == *token_id,
        };
        is_named.then(|| found.clone())
    }

    fn with_digest(&self, digest: &Digest) -> Option<&Token> {
        self.tokens.iter().find(|token| token.digest == *digest)
    }

    /// The tokens and connections that a filter would revoke, counted, and the newest of the connections.
    fn live(&self, filter: &RevokeFilter, now: Timestamp) -> (Counts, Vec<ConnectionId>) {
        let is_live = |connection: &&Connection| {
            !self.status_of(connection, now).is_dead() && filter_matches_connection(filter, connection, now)
        };
        let ended: Vec<_> =
            self.connections.iter().rev().filter(is_live).map(|connection| connection.id.clone()).collect();
        let under = |token: &Token| token.facts.connection_id.as_ref().is_some_and(|id| ended.contains(id));
        let alive = self.tokens.iter().filter(|token| !self.is_dead(token, now));
        let mut counts = count(alive.filter(|token| filter_matches(filter, token, now) || under(token)));
        counts.connection = ended.len() as u64;
        (counts, ended.into_iter().take(100).collect())
    }

    /// Runs the alarm: records the ends that nobody asked for, at most `batch` of each sort. Returns what it wrote.
    pub(crate) fn sweep(&mut self, batch: usize) -> ChangeSet {
        let Some(user) = self.user.clone() else {
            return ChangeSet::default();
        };
        let now = self.now();
        let is_over = |token: &&Token| {
            let is_due = token.end.is_none() && !token.expiry_recorded && token.kind.emits_expiry();
            is_due && token.expires_at.is_some_and(|at| at <= now)
        };
        let mut tokens: Vec<_> = self.tokens.iter().filter(is_over).cloned().collect();
        tokens.sort_by_key(|token| token.expires_at);
        tokens.truncate(batch);
        let is_due = |connection: &&Connection| {
            let waits_for_provider = connection.recorded.status == ConnectionStatus::Revoking;
            !connection.end_recorded && !waits_for_provider && self.status_of(connection, now).is_dead()
        };
        let mut connections: Vec<_> = self.connections.iter().filter(is_due).cloned().collect();
        // The links that expired come first.
        connections.sort_by_key(|connection| {
            let is_link = connection.recorded.status == ConnectionStatus::Initiated;
            (!is_link, connection.expires_at.filter(|_| is_link))
        });
        connections.truncate(batch);
        let rows = self.all_rows();
        let mut changes = record_expired_tokens(&user, &rows, &tokens, now);
        let ended = record_ended_connections(&user, &rows, &connections, now);
        changes.mutations.extend(ended.mutations);
        changes.events.extend(ended.events);
        self.commit(&changes, now);
        changes
    }

    /// Runs the alarm until it has nothing to do.
    pub(crate) fn sweep_all(&mut self) {
        let rows = self.tokens.len() + self.connections.len();
        for _ in 0..=rows {
            if self.sweep(100).is_empty() {
                return;
            }
        }
        panic!("the alarm records each end once");
    }

    /// The state of every token, as a check by root shows it.
    pub(crate) fn states(&self) -> Vec<TokenState> {
        let name = |token: &Token| TokenRef::Secret { kind: token.kind, digest: token.digest.clone() };
        let check = CheckTokens { tokens: self.tokens.iter().map(name).collect() };
        match self.look_up(&kit::request(&Principal::Root, check, 0)) {
            Ok(checked) => checked.verdicts.into_iter().map(|verdict| verdict.unwrap().state).collect(),
            Err(_) if self.user.is_none() => Vec::new(),
            Err(error) => panic!("{error:?}"),
        }
    }

    /// The status of every token.
    pub(crate) fn statuses(&self) -> Vec<Status> {
        self.states().iter().map(TokenState::status).collect()
    }

    /// The status of every connection.
    pub(crate) fn connection_statuses(&self) -> Vec<ConnectionStatus> {
        self.connections.iter().map(|connection| self.status_of(connection, self.now())).collect()
    }

    /// The principal that an API key authenticates.
    pub(crate) fn authenticate(&self, key: &Digest) -> Option<Principal> {
        let key = TokenRef::Secret { kind: TokenKind::ApiKey, digest: key.clone() };
        let command = AuthenticateKey { key };
        let authenticated = self.look_up(&Request::plain(Principal::Holder, command)).unwrap();
        authenticated.map(|authenticated| authenticated.principal)
    }

    pub(crate) fn connection(&self, id: &ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.id == *id)
    }

    /// The events with their numbers, which begin at 1.
    pub(crate) fn recorded_events(&self) -> Vec<RecordedEvent> {
        let events = self.events.iter().cloned();
        (1_u64..).zip(events).map(|(seq, event)| RecordedEvent { seq, event }).collect()
    }

    /// The type and the actor of each event.
    pub(crate) fn event_log(&self) -> Vec<(&'static str, &str)> {
        self.events.iter().map(|event| (event.event_type.as_str(), event.actor.as_str())).collect()
    }

    /// Whether a token is dead at a time.
    pub(crate) fn is_dead(&self, token: &Token, now: Timestamp) -> bool {
        self.all_rows().state(token, now).death().is_some()
    }

    fn status_of(&self, connection: &Connection, now: Timestamp) -> ConnectionStatus {
        connection_state(connection, &self.cutoffs, now).status
    }

    /// The rows that states depend on.
    fn all_rows(&self) -> Snapshot {
        Snapshot {
            cutoffs: self.cutoffs.clone(),
            connections: self.connections.clone(),
            credentials: self.credentials.clone(),
            ..Snapshot::default()
        }
    }

    fn commit(&mut self, changes: &ChangeSet, now: Timestamp) {
        if changes.is_empty() {
            return;
        }
        for mutation in &changes.mutations {
            self.apply(mutation, now);
        }
        self.events.extend(changes.events.iter().cloned());
        assert!(now > self.last_write, "two writes have different times");
        self.last_write = now;
    }

    fn apply(&mut self, mutation: &Mutation, now: Timestamp) {
        match mutation {
            Mutation::PutUser(user) => self.user = Some(user.clone()),
            Mutation::SetReservation(reservation) => self.reservation.clone_from(reservation),
            Mutation::AddCutoff(cutoff) => self.cutoffs.push(cutoff.clone()),
            Mutation::AddToken(token) => self.add_token(token),
            Mutation::EndToken(key, end) => self.end_token(key, end),
            Mutation::RecordExpiry(key) => {
                let token = self.row(key);
                assert!(token.end.is_none() && !token.expiry_recorded, "an expiry is recorded once");
                token.expiry_recorded = true;
            }
            Mutation::ExtendToken(key, until) => {
                let token = self.row(key);
                assert!(token.end.is_none() && token.expires_at < Some(*until), "only a live token is extended");
                token.expires_at = Some(*until);
            }
            Mutation::MarkReplayed(key) => {
                let token = self.row(key);
                let is_consumed = token.end.as_ref().is_some_and(|end| end.kind == EndKind::Consumed);
                assert!(is_consumed && !token.grant.replayed, "a consumed token is marked once");
                token.grant.replayed = true;
            }
            Mutation::PutConnection(connection) => self.put_connection(connection),
            Mutation::MarkDeleted(id) => {
                assert!(
                    self.status_of(self.connection(id).unwrap(), now).is_dead(),
                    "only a dead connection is hidden"
                );
                self.connections.iter_mut().find(|row| row.id == *id).unwrap().deleted = true;
            }
            Mutation::StoreCredentials(id, credentials) => {
                for credential in &credentials.tokens {
                    self.store_credential(id, credential, now);
                }
            }
            Mutation::PutCredential(credential) => {
                let row = self.credentials.iter_mut().find(|row| row.seq == credential.seq).unwrap();
                assert!(row.state.is_kept() || row == credential, "a final state of a credential stays");
                assert_eq!(credential.sealed.is_some(), credential.state.is_kept(), "a secret is erased with its end");
                *row = credential.clone();
            }
        }
    }

    fn add_token(&mut self, token: &Token) {
        let same = |row: &Token| row.digest.key() == token.digest.key() || row.token_id == token.token_id;
        assert!(!self.tokens.iter().any(same), "a token is added once");
        self.tokens.push(token.clone());
    }

    fn end_token(&mut self, key: &TokenKey, end: &TokenEnd) {
        let token = self.row(key);
        assert!(token.end.is_none() && !token.expiry_recorded, "a token ends once");
        token.end = Some(end.clone());
    }

    fn put_connection(&mut self, connection: &Connection) {
        match self.connections.iter_mut().find(|row| row.id == connection.id) {
            Some(row) => {
                assert!(!row.end_recorded, "a connection whose end is recorded stays");
                assert!(!row.recorded.status.is_dead() || connection.recorded.status.is_dead(), "the dead stay dead");
                *row = connection.clone();
            }
            None => self.connections.push(connection.clone()),
        }
    }

    /// Stores a credential in place of the `held` credential of its type.
    fn store_credential(&mut self, id: &ConnectionId, new: &NewCredential, now: Timestamp) {
        let is_replaced = |row: &Credential| {
            let is_of_type = row.connection_id == *id && row.token_type == new.token_type;
            is_of_type && row.state == CredentialState::Held
        };
        self.credentials.retain(|row| !is_replaced(row));
        let seq = self.credentials.iter().map(|row| row.seq).max().unwrap_or_default() + 1;
        let row = kit::credential(seq, id.clone(), new.token_type);
        let sealed = Some(new.sealed.clone());
        self.credentials.push(Credential { expires_at: new.expires_at, changed_at: now, sealed, ..row });
    }

    fn row(&mut self, key: &TokenKey) -> &mut Token {
        self.tokens.iter_mut().find(|token| token.digest.key() == *key).unwrap()
    }
}

/// Whether a cutoff revokes a token itself. The rule is written a second time here.
pub(crate) fn cutoff_matches(cutoff: &RevocationCutoff, token: &Token) -> bool {
    let in_scope = match &cutoff.scope {
        CutoffScope::Everything => true,
        CutoffScope::App(app_id) => token.facts.app_id == Some(app_id.clone()),
        CutoffScope::Family(family) => token.grant.family == Some(family.clone()),
    };
    in_scope && token.created_at <= cutoff.before && cutoff.kinds.bits() & token.kind.bit() != 0
}

/// Whether a cutoff revokes a connection. The rule is written a second time here.
pub(crate) fn cutoff_matches_connection(cutoff: &RevocationCutoff, connection: &Connection) -> bool {
    let app_id = match &cutoff.scope {
        CutoffScope::Everything => None,
        CutoffScope::App(app_id) => Some(app_id),
        CutoffScope::Family(_) => return false,
    };
    revokes_connection(cutoff.kinds.bits(), cutoff.before, app_id, connection)
}

/// Whether the cutoff of a filter that is applied at this time revokes a token itself.
pub(crate) fn filter_matches(filter: &RevokeFilter, token: &Token, now: Timestamp) -> bool {
    token.created_at <= filter.before.unwrap_or(now)
        && filter.kinds.bits() & token.kind.bit() != 0
        && filter.app_id.as_ref().is_none_or(|app_id| token.facts.app_id.as_ref() == Some(app_id))
}

/// Whether the cutoff of a filter that is applied at this time revokes a connection.
pub(crate) fn filter_matches_connection(filter: &RevokeFilter, connection: &Connection, now: Timestamp) -> bool {
    revokes_connection(filter.kinds.bits(), filter.before.unwrap_or(now), filter.app_id.as_ref(), connection)
}

fn revokes_connection(kinds: u32, before: Timestamp, app_id: Option<&AppId>, connection: &Connection) -> bool {
    kinds & 16 != 0 && connection.created_at <= before && app_id.is_none_or(|app_id| connection.app_id == *app_id)
}

/// The number of tokens of each kind.
pub(crate) fn count<'a>(tokens: impl Iterator<Item = &'a Token>) -> Counts {
    let kinds: Vec<TokenKind> = tokens.map(|token| token.kind).collect();
    let mut counts = Counts::default();
    for kind in TokenKind::ALL {
        counts.add(*kind, kinds.iter().filter(|other| *other == kind).count() as u64);
    }
    counts
}

/// The rows of a page, newest first, and one more. The position of the first row is 1.
fn page_of<T: Clone>(page: Option<PageRequest>, rows: &[T]) -> Vec<Positioned<T>> {
    let Some(page) = page else {
        return Vec::new();
    };
    let mut all: Vec<_> = (1_u64..).zip(rows.iter().cloned()).collect();
    all.reverse();
    let after = page.after.unwrap_or(Cursor::START);
    let rows = all.into_iter().map(|(position, value)| Positioned { position: Cursor(position), value });
    rows.filter(|row| row.position < after).take(page.rows() as usize).collect()
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

/// The value after a round trip through its JSON.
pub(crate) fn through_json<T: Serialize + DeserializeOwned>(value: &T) -> T {
    let text = json(value);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
