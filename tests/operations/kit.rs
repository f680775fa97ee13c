//! A deployment in memory.

use hookswitch::core::app::{ClientType, Registration};
use hookswitch::core::command::IdempotencyKey;
use hookswitch::core::decide::apps::PutApp;
use hookswitch::core::decide::tokens::MintToken;
use hookswitch::core::decide::users::PutUser;
use hookswitch::core::params::{MintKind, MintParams};
use hookswitch::core::provider::UpstreamTokenType;
use hookswitch::core::user::{Profile, Role};
use hookswitch::core::{
    AppId, ConnectionRef, Digest, Keyring, NamedToken, Principal, Scope, Timestamp, TokenId, TokenKind, TokenRef,
    UserId,
};
use hookswitch::ledger::LedgerSettings;
use hookswitch::ledger::in_memory::{InMemoryLedgers, TestClock};
use hookswitch::operations::connections::{UpstreamCredential, UpstreamCredentials};
use hookswitch::operations::in_memory::InMemoryPlatform;
use hookswitch::operations::tokens::Created;
use hookswitch::operations::{
    ApiError, Caller, ClientCredentials, Config, Context, Hedge, Secret, Settings, apps, connections, tokens, users,
};

/// The time at which every test starts.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_246_103_123);

/// A deployment with its platform.
pub(crate) struct Deployment {
    pub(crate) config: Config,
    pub(crate) platform: InMemoryPlatform<InMemoryLedgers>,
    pub(crate) clock: TestClock,
}

impl Deployment {
    pub(crate) fn new() -> Self {
        Self::with_hedge(Hedge::DEFAULT)
    }

    pub(crate) fn with_hedge(hedge: Hedge) -> Self {
        let clock = TestClock::at(START);
        let settings = Settings { project_id: "project-1".to_owned(), hedge, ..Settings::default() };
        Self {
            config: Config { keyring: Keyring::new(&[7; 32], &[]).unwrap(), root_key: Digest::of(b"root"), settings },
            platform: InMemoryPlatform::new(InMemoryLedgers::new(clock.clone(), LedgerSettings::default())),
            clock,
        }
    }

    /// The context of a request.
    pub(crate) fn by(&self, caller: Caller) -> Context<'_> {
        let mut cx = Context::new(&self.config, &self.platform, self.clock.now(), "request-1", "https://hook.example");
        cx.caller = caller;
        cx
    }

    pub(crate) fn root(&self) -> Context<'_> {
        self.by(Caller::Principal(Principal::Root))
    }

    pub(crate) fn holder(&self) -> Context<'_> {
        self.by(Caller::Principal(Principal::Holder))
    }

    /// The context of a request of root with this `Idempotency-Key`.
    pub(crate) fn repeatable(&self, key: &str) -> Context<'_> {
        let mut cx = self.root();
        let key = Digest::of(key.as_bytes());
        cx.idempotency = Some(IdempotencyKey { request: key.clone(), key, grace: None });
        cx
    }

    /// Runs an operation to its end.
    pub(crate) fn run<T>(&self, operation: impl Future<Output = T>) -> T {
        self.platform.run(operation).expect("the operation waits for something that never happens")
    }

    /// The number of ledger calls since the last time.
    pub(crate) fn calls(&self) -> usize {
        self.platform.ledgers.take_calls().len()
    }

    pub(crate) fn open(&self, text: &str) -> NamedToken {
        NamedToken::of(self.config.keyring.open(text))
    }

    pub(crate) fn connection(&self, text: &str) -> ConnectionRef {
        ConnectionRef::of(self.config.keyring.open(text))
    }

    pub(crate) fn user(&self, user_id: &str) -> UserId {
        let user_id: UserId = user_id.parse().unwrap();
        let command = PutUser { user_id: user_id.clone(), profile: profile(Role::Member) };
        self.run(users::put(&self.root(), command)).unwrap();
        user_id
    }

    /// Creates a connection token of a user.
    pub(crate) fn token(&self, user_id: &UserId) -> Created {
        let params = MintParams::plain(MintKind::ConnectionToken, Some(600));
        let command = MintToken { user_id: user_id.clone(), params };
        self.run(tokens::create(&self.root(), command)).unwrap()
    }

    /// Creates an app. Returns its credentials.
    pub(crate) fn app(&self, app_id: &str, client_type: ClientType) -> ClientCredentials {
        let app_id: AppId = app_id.parse().unwrap();
        let registration = Registration {
            name: "App".to_owned(),
            description: None,
            redirect_uris: vec!["https://app.example/callback".to_owned()],
            scopes: Some(Scope::parse("read write").unwrap()),
            client_type,
            logo_url: None,
            provider: Some("google".parse().unwrap()),
        };
        let put = self.run(apps::put(&self.root(), PutApp { app_id: app_id.clone(), registration })).unwrap();
        ClientCredentials { app_id, secret: put.client_secret.map(|secret| Digest::of(secret.as_bytes())) }
    }

    /// Creates an active connection with an access token of the app's provider, and returns its id.
    pub(crate) fn connect(
        &self,
        user_id: &UserId,
        app_id: &AppId,
        upstream: Option<UpstreamCredentials>,
    ) -> ConnectionRef {
        let new = connections::Create {
            user_id: user_id.clone(),
            app_id: app_id.clone(),
            scope: None,
            metadata: None,
            upstream,
        };
        let verdict = self.run(connections::create(&self.root(), new)).unwrap();
        self.connection(verdict.connection.id.as_str())
    }
}

pub(crate) fn profile(role: Role) -> Profile {
    Profile { role, groups: Vec::new(), external_id: None, connectable: true }
}

/// An access token of the app's provider.
pub(crate) fn upstream() -> UpstreamCredentials {
    let secret = Secret("ya29.upstream".to_owned());
    let token = UpstreamCredential { token_type: UpstreamTokenType::AccessToken, secret, expiry: None };
    UpstreamCredentials { provider: None, tokens: vec![token] }
}

/// A member that authenticated with an API key.
pub(crate) fn member(user_id: &UserId) -> Caller {
    Caller::Principal(Principal::User {
        user_id: user_id.clone(),
        role: Role::Member,
        groups: Vec::new(),
        key: TokenRef::Public {
            token_id: TokenId::stored(format!("tok_{}", "0".repeat(48))),
            key: Digest::of(b"").key(),
        },
        limited: false,
    })
}

/// A handle of another deployment.
pub(crate) fn forged(kind: TokenKind) -> String {
    let keyring = Keyring::new(&[9; 32], &[]).unwrap();
    let user_id: UserId = "user-1".parse().unwrap();
    let ledger_id = hookswitch::core::LedgerId::of_user(&user_id);
    keyring.mint(hookswitch::core::handle::MintNonce(1, 2), 0, kind.handle(), ledger_id).text()
}

/// The refusal in a result.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, ApiError>) -> hookswitch::core::DecisionError {
    match result {
        Err(ApiError::Refused(error)) => error,
        other => panic!("not refused: {other:?}"),
    }
}
