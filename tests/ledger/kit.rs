//! A user's ledger in memory, and the cost of what it writes.

use std::cell::{Cell, RefCell};

use hookswitch::core::app::{ClientType, Registration};
use hookswitch::core::command::{IdempotencyKey, MintedHandles};
use hookswitch::core::decide::UserCommand;
use hookswitch::core::decide::connections::{CreateConnection, IssueTokens, Issued};
use hookswitch::core::decide::tokens::{CheckTokens, ConsumeToken, MintToken};
use hookswitch::core::decide::users::PutUser;
use hookswitch::core::handle::MintNonce;
use hookswitch::core::params::{Lifetimes, MintKind, MintParams};
use hookswitch::core::user::Profile;
use hookswitch::core::{
    App, AppId, ConnectionId, DecisionError, HandleKind, Keyring, LedgerId, Minted, Principal, Reply, Request, Role,
    Status, Timestamp, TokenRef, UserId, Verdict,
};
use hookswitch::ledger::in_memory::Database;
use hookswitch::ledger::sql::{Bind, Rows};
use hookswitch::ledger::user::UserLedger;
use hookswitch::ledger::{Effects, LedgerCode, LedgerContext, LedgerSettings, Sql, StorageError};

/// The time at which tests begin.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_246_103_000);

/// A database that counts what its statements cost.
pub(crate) struct CountingDatabase {
    pub(crate) database: Database,
    /// Whether rows are counted: it takes longer than everything else.
    pub(crate) is_counting: Cell<bool>,
    /// Rows and index entries written.
    pub(crate) rows: Cell<i64>,
    /// Statements run.
    pub(crate) statements: Cell<u32>,
    /// The text of every statement.
    pub(crate) recorded: RefCell<Vec<String>>,
    /// Statements that contain this text fail.
    pub(crate) failing: RefCell<Option<String>>,
}

impl CountingDatabase {
    fn new() -> Self {
        Self {
            database: Database::open().unwrap(),
            is_counting: Cell::new(false),
            rows: Cell::new(0),
            statements: Cell::new(0),
            recorded: RefCell::default(),
            failing: RefCell::default(),
        }
    }

    /// The number of entries of each index.
    fn index_entries(&self) -> Vec<i64> {
        let connection = self.database.connection();
        let indexes = "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
        let mut statement = connection.prepare(indexes).unwrap();
        let indexes = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)));
        let count = |(table, sql): (String, String)| {
            let condition = sql.split_once("WHERE").map_or("TRUE", |(_, condition)| condition);
            let count = format!("SELECT COUNT(*) FROM {table} WHERE {condition}");
            connection.query_row(&count, [], |row| row.get(0)).unwrap()
        };
        indexes.unwrap().map(|index| count(index.unwrap())).collect()
    }
}

impl Sql for CountingDatabase {
    fn run(&self, statement: &str, binds: &[Bind<'_>]) -> Result<Rows, StorageError> {
        if self.failing.borrow().as_ref().is_some_and(|failing| statement.contains(failing)) {
            return Err(StorageError::Database("made to fail".to_owned()));
        }
        self.statements.set(self.statements.get() + 1);
        self.recorded.borrow_mut().push(statement.to_owned());
        let is_counted = ["INSERT", "UPDATE", "DELETE"].iter().any(|verb| statement.starts_with(verb));
        if !is_counted || !self.is_counting.get() {
            return self.database.run(statement, binds);
        }
        let before = self.index_entries();
        let rows = self.database.run(statement, binds)?;
        if rows.changed() {
            let changes = i64::try_from(self.database.connection().changes()).unwrap();
            let after = self.index_entries();
            let added = after.iter().zip(&before).map(|(after, before)| (after - before).max(0));
            self.rows.set(self.rows.get() + changes + added.sum::<i64>());
        }
        Ok(rows)
    }

    fn size(&self) -> Result<u64, StorageError> {
        self.database.size()
    }

    fn transaction(&self, body: &mut dyn FnMut() -> Result<(), StorageError>) -> Result<(), StorageError> {
        self.database.transaction(body)
    }
}

/// The cost of one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Rows and index entries written, and alarms set.
    pub(crate) rows: i64,
    /// Statements run.
    pub(crate) statements: u32,
}

/// The ledger of one user.
pub(crate) struct Ledger {
    pub(crate) code: UserLedger,
    pub(crate) sql: CountingDatabase,
    pub(crate) now: Cell<Timestamp>,
    pub(crate) settings: LedgerSettings,
    pub(crate) keyring: Keyring,
    pub(crate) has_earlier_secrets: bool,
    pub(crate) user_id: UserId,
    pub(crate) alarm: Cell<Option<Timestamp>>,
    nonce: Cell<u64>,
}

impl Ledger {
    /// A ledger that was never written to.
    pub(crate) fn empty() -> Self {
        Self {
            code: UserLedger::default(),
            sql: CountingDatabase::new(),
            now: Cell::new(START),
            settings: LedgerSettings::default(),
            keyring: Keyring::new(&[7; 32], &[]).unwrap(),
            has_earlier_secrets: false,
            user_id: "user-1".parse().unwrap(),
            alarm: Cell::new(None),
            nonce: Cell::new(0),
        }
    }

    /// A ledger with its user.
    pub(crate) fn with_user() -> Self {
        let ledger = Self::empty();
        ledger.put_user();
        ledger
    }

    pub(crate) fn put_user(&self) {
        let profile = Profile { role: Role::Member, groups: Vec::new(), external_id: None, connectable: true };
        self.ok(PutUser { user_id: self.user_id.clone(), profile });
    }

    pub(crate) fn context(&self) -> LedgerContext<'_> {
        let has_earlier_secrets = self.has_earlier_secrets;
        LedgerContext { now: self.now.get(), jitter: 0, settings: &self.settings, has_earlier_secrets }
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.now.set(self.now.get().plus_seconds(seconds));
    }

    /// The same database under fresh code, as after a restart.
    pub(crate) fn restart(&mut self) {
        self.code = UserLedger::default();
    }

    pub(crate) fn mint_handles(&self, kinds: &[HandleKind]) -> Minted {
        self.nonce.set(self.nonce.get() + 1);
        self.keyring.mint_all(MintNonce(self.nonce.get(), 0), kinds, LedgerId::of_user(&self.user_id))
    }

    /// Sends a request as the Worker does.
    pub(crate) fn send<C: UserCommand>(
        &self,
        request: &Request<C>,
    ) -> Result<(Reply<C::Outcome>, Effects), StorageError> {
        let answer = self.code.answer(&self.sql, &request.message().unwrap(), &self.context())?;
        if let Some(due) = answer.effects.alarm_by
            && self.alarm.get().is_none_or(|set| due < set)
        {
            self.alarm.set(Some(due));
            self.sql.rows.set(self.sql.rows.get() + 1);
        }
        Ok((serde_json::from_str(&answer.reply).unwrap(), answer.effects))
    }

    /// The request of root with fresh handles.
    pub(crate) fn request<C: UserCommand>(&self, command: C) -> (Request<C>, Minted) {
        let minted = self.mint_handles(command.mints());
        let app = command.app_id().cloned().map(app);
        let request =
            Request { principal: Principal::Root, command, app, minted: minted.handles.clone(), idempotency: None };
        (request, minted)
    }

    pub(crate) fn run<C: UserCommand>(&self, command: C) -> Result<C::Outcome, DecisionError> {
        self.send(&self.request(command).0).unwrap().0.outcome
    }

    pub(crate) fn ok<C: UserCommand>(&self, command: C) -> C::Outcome {
        self.run(command).unwrap()
    }

    /// The cost of what `body` does.
    pub(crate) fn cost(&self, body: impl FnOnce()) -> Cost {
        let (rows, statements) = (self.sql.rows.get(), self.sql.statements.get());
        self.sql.is_counting.set(true);
        body();
        self.sql.is_counting.set(false);
        Cost { rows: self.sql.rows.get() - rows, statements: self.sql.statements.get() - statements }
    }

    /// Creates a connection token and returns its reference by secret.
    pub(crate) fn mint(&self, ttl: u32) -> TokenRef {
        self.mint_with(MintParams::plain(MintKind::ConnectionToken, Some(ttl)))
    }

    pub(crate) fn mint_key(&self) -> TokenRef {
        self.mint_with(MintParams::plain(MintKind::ApiKey, None))
    }

    pub(crate) fn mint_with(&self, params: MintParams) -> TokenRef {
        let (request, minted) = self.request(MintToken { user_id: self.user_id.clone(), params });
        self.send(&request).unwrap().0.outcome.unwrap();
        secret(&minted.handles)
    }

    pub(crate) fn check(&self, token: &TokenRef) -> Option<Status> {
        let checked = self.ok(CheckTokens { tokens: vec![token.clone()] });
        checked.verdicts[0].as_ref().map(Verdict::status)
    }

    pub(crate) fn consume(&self, token: &TokenRef) -> Result<(), DecisionError> {
        self.run(ConsumeToken { token: token.clone() }).map(drop)
    }

    pub(crate) fn connect(&self, app_id: &str) -> ConnectionId {
        let command = CreateConnection {
            user_id: self.user_id.clone(),
            app_id: app_id.parse().unwrap(),
            scope: None,
            metadata: None,
            upstream: None,
        };
        self.ok(command).connection.id
    }

    /// Issues an access token and a refresh token.
    pub(crate) fn issue(&self, id: &ConnectionId) -> (Issued, TokenRef, TokenRef) {
        let lifetimes = Lifetimes { access: 3_600, refresh: Some(86_400) };
        let (request, minted) = self.request(IssueTokens { id: id.clone(), scope: None, lifetimes });
        let issued = self.send(&request).unwrap().0.outcome.unwrap();
        let [access, refresh] = [0, 1].map(|index| {
            let token = &minted.handles.tokens[index];
            TokenRef::Secret { kind: token.kind, digest: token.digest.clone() }
        });
        (issued, access, refresh)
    }

    /// The number that a statement selects.
    pub(crate) fn number(&self, statement: &str) -> i64 {
        self.sql.database.connection().query_row(statement, [], |row| row.get(0)).unwrap()
    }

    pub(crate) fn execute(&self, statement: &str) {
        self.sql.database.connection().execute(statement, []).unwrap();
    }
}

fn secret(handles: &MintedHandles) -> TokenRef {
    let token = &handles.tokens[0];
    TokenRef::Secret { kind: token.kind, digest: token.digest.clone() }
}

/// A public app.
pub(crate) fn app(app_id: AppId) -> App {
    App {
        app_id,
        registration: Registration {
            name: "App".to_owned(),
            description: None,
            redirect_uris: Vec::new(),
            scopes: None,
            client_type: ClientType::Public,
            logo_url: None,
            provider: None,
        },
        secret: None,
        previous_secret: None,
        created_at: START,
        updated_at: START,
    }
}

pub(crate) fn idempotency(key: u8) -> IdempotencyKey {
    use hookswitch::core::Digest;
    IdempotencyKey { key: Digest::of(&[key]), request: Digest::of(b"request"), grace: None }
}
