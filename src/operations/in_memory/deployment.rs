//! A deployment in memory, for examples and tools.

use super::InMemoryPlatform;
use crate::core::decide::tokens::MintToken;
use crate::core::decide::users::PutUser;
use crate::core::keys::SecretTooShort;
use crate::core::params::{MintKind, MintParams};
use crate::core::user::{Profile, Role};
use crate::core::{Digest, Keyring, NamedToken, Principal, Timestamp, UserId};
use crate::ledger::LedgerSettings;
use crate::ledger::in_memory::{InMemoryLedgers, TestClock};
use crate::operations::tokens::{self, Created};
use crate::operations::{ApiError, Caller, Config, Context, Settings, users};

/// The time at which the clock stands: the start of 2026.
const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// A deployment with ledgers in memory and a simulated clock. Its root key is `root`.
///
/// ```
/// use hookswitch::core::Status;
/// use hookswitch::operations::{in_memory::InMemoryDeployment, tokens};
///
/// let deployment = InMemoryDeployment::new().unwrap();
/// let cx = deployment.root();
/// let created = deployment.run(deployment.token_of_a_new_user("ada")).unwrap().unwrap();
/// let token = deployment.open(&created.secret);
/// let consumed = deployment.run(tokens::consume(&cx, &token)).unwrap().unwrap();
/// assert_eq!(consumed.verdict.status(), Status::Consumed);
/// ```
pub struct InMemoryDeployment {
    /// The configuration.
    pub config: Config,
    /// The platform, whose parts can be slow or down.
    pub platform: InMemoryPlatform<InMemoryLedgers>,
    /// The clock of the edge and of the ledgers.
    pub clock: TestClock,
}

impl InMemoryDeployment {
    /// Creates a deployment without users.
    ///
    /// # Errors
    /// Never: the fixed secret is long enough.
    pub fn new() -> Result<Self, SecretTooShort> {
        let clock = TestClock::at(START);
        let (keyring, root_key) = (Keyring::new(&[7; 32], &[])?, Digest::of(b"root"));
        Ok(Self {
            config: Config { keyring, root_key, settings: Settings::default() },
            platform: InMemoryPlatform::new(InMemoryLedgers::new(clock.clone(), LedgerSettings::default())),
            clock,
        })
    }

    /// The context of a request of this caller.
    #[must_use]
    pub fn by(&self, caller: Caller) -> Context<'_> {
        let mut cx = Context::new(&self.config, &self.platform, self.clock.now(), "request-1", "https://hook.example");
        cx.caller = caller;
        cx
    }

    /// The context of a request with the root key.
    #[must_use]
    pub fn root(&self) -> Context<'_> {
        self.by(Caller::Principal(Principal::Root))
    }

    /// Polls an operation to its end; `None` if it waits for something that never happens.
    pub fn run<T>(&self, operation: impl Future<Output = T>) -> Option<T> {
        self.platform.run(operation)
    }

    /// The token that a text names.
    #[must_use]
    pub fn open(&self, text: &str) -> NamedToken {
        NamedToken::of(self.config.keyring.open(text))
    }

    /// Creates a user with the role `member`, or replaces its profile.
    ///
    /// # Errors
    /// The rule that the id breaks.
    pub async fn member(&self, user_id: &str) -> Result<UserId, ApiError> {
        let user_id: UserId = user_id.parse().map_err(|rule| ApiError::invalid("user_id", rule))?;
        let profile = Profile { role: Role::Member, groups: Vec::new(), external_id: None, connectable: true };
        users::put(&self.root(), PutUser { user_id: user_id.clone(), profile }).await?;
        Ok(user_id)
    }

    /// Creates a member and a connection token for it that is valid for 10 minutes.
    ///
    /// # Errors
    /// The rule that the id breaks.
    pub async fn token_of_a_new_user(&self, user_id: &str) -> Result<Created, ApiError> {
        let user_id = self.member(user_id).await?;
        let params = MintParams::plain(MintKind::ConnectionToken, Some(600));
        tokens::create(&self.root(), MintToken { user_id, params }).await
    }
}
