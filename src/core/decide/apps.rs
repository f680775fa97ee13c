//! Commands of an app's registry.
//!
//! ```
//! use hookswitch::core::decide::apps::{GetApp, decide_app};
//! use hookswitch::core::{DecisionError, Principal, Request, Resource, Timestamp};
//!
//! let request = Request::plain(Principal::Root, GetApp { app_id: "calendar".parse().unwrap() });
//! let decision = decide_app(None, None, &request, Timestamp::from_millis(0));
//! assert_eq!(decision.reply.outcome.unwrap_err(), DecisionError::NotFound(Resource::App));
//! ```

use serde::{Deserialize, Serialize};

use super::{Idempotency, PutEffect, matching_response, stored_reply};
use crate::core::access::Principal;
use crate::core::app::{App, ClientType, PreviousSecret, Registration};
use crate::core::command::{Authority, Command, MintedHandles, Reply, Request};
use crate::core::error::{DecisionError, Resource};
use crate::core::handle::HandleKind;
use crate::core::ids::AppId;
use crate::core::snapshot::StoredResponse;
use crate::core::string_enum::string_enum;
use crate::core::time::Timestamp;

/// The input of a decision of an app's registry.
#[derive(Clone, Copy, Debug)]
pub struct AppContext<'a> {
    /// The app; `None` if it does not exist.
    pub app: Option<&'a App>,
    /// The caller that makes the request.
    pub principal: &'a Principal,
    /// The handles that were created for the command.
    pub minted: &'a MintedHandles,
    /// The ledger's time.
    pub now: Timestamp,
}

/// The output of a decision of an app's registry: its writes and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppDecision<O> {
    /// The app to write, if it changes.
    pub write: Option<App>,
    /// Whether the answer is stored for repeated requests.
    pub store_response: bool,
    /// The reply to the caller.
    pub reply: Reply<O>,
}

/// A command of an app's registry.
pub trait AppCommand: Command {
    /// Whether the answer is stored for repeated requests.
    const IDEMPOTENCY: Idempotency;

    /// Checks that the principal may run the command. The default is for administrators only.
    ///
    /// # Errors
    /// [`DecisionError::Forbidden`].
    fn authorize(&self, principal: &Principal) -> Result<(), DecisionError> {
        if principal.writes_everyone() { Ok(()) } else { Err(DecisionError::Forbidden) }
    }

    /// Decides the command. Returns the outcome, and the app to write if it changes.
    ///
    /// # Errors
    /// Why the command is refused.
    fn decide(&self, cx: &AppContext<'_>) -> Result<(Self::Outcome, Option<App>), DecisionError>;
}

/// Decides a request to an app's registry.
#[must_use]
pub fn decide_app<C: AppCommand>(
    app: Option<&App>,
    stored: Option<&StoredResponse>,
    request: &Request<C>,
    now: Timestamp,
) -> AppDecision<C::Outcome> {
    let cx = AppContext { app, principal: &request.principal, minted: &request.minted, now };
    let refuse = |error| AppDecision {
        write: None,
        store_response: false,
        reply: Reply { outcome: Err(error), replayed: None },
    };
    if let Err(error) = request.command.authorize(&request.principal) {
        return refuse(error);
    }
    let repeated = matching_response(request.idempotency.as_ref(), stored);
    match repeated.and_then(|stored| stored.map(stored_reply).transpose()) {
        Err(error) => return refuse(error),
        Ok(Some(reply)) => return AppDecision { write: None, store_response: false, reply },
        Ok(None) => {}
    }
    match request.command.decide(&cx) {
        Err(error) => refuse(error),
        Ok((outcome, write)) => AppDecision {
            write,
            store_response: request.idempotency.is_some() && C::IDEMPOTENCY == Idempotency::Stored,
            reply: Reply { outcome: Ok(outcome), replayed: None },
        },
    }
}

impl<'a> AppContext<'a> {
    fn named(&self, app_id: &AppId) -> Result<&'a App, DecisionError> {
        match self.app {
            Some(app) if app.app_id == *app_id => Ok(app),
            Some(_) => Err(DecisionError::Inconsistent),
            None => Err(DecisionError::NotFound(Resource::App)),
        }
    }
}

string_enum! {
    /// Whether a command created a client secret.
    pub enum SecretEffect {
        /// A client secret was created, and the answer shows it.
        Created = "created",
        /// The app keeps its client secret, or has none.
        Kept = "kept",
    }
}

/// The outcome of a command that writes an app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppPut {
    /// The app now.
    pub app: App,
    /// Whether the app was created.
    pub effect: PutEffect,
    /// Whether a client secret was created.
    pub secret: SecretEffect,
}

/// Creates an app or replaces its registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutApp {
    /// The id of the app.
    pub app_id: AppId,
    /// The new registration.
    pub registration: Registration,
}

impl Command for PutApp {
    const NAME: &'static str = "put_app";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = AppPut;

    fn mints(&self) -> &'static [HandleKind] {
        &[HandleKind::ClientSecret]
    }
}

impl AppCommand for PutApp {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn decide(&self, cx: &AppContext<'_>) -> Result<(AppPut, Option<App>), DecisionError> {
        let before = cx.app.map(|_| cx.named(&self.app_id)).transpose()?;
        let effect = if before.is_none() { PutEffect::Created } else { PutEffect::Kept };
        if let Some(app) = before.filter(|app| app.registration == self.registration) {
            return Ok((AppPut { app: app.clone(), effect, secret: SecretEffect::Kept }, None));
        }
        let is_confidential = self.registration.client_type == ClientType::Confidential;
        let keeps_secret = before.filter(|app| is_confidential && app.secret.is_some());
        let secret = match keeps_secret {
            Some(app) => app.secret.clone(),
            None if is_confidential => cx.minted.client_secret.clone(),
            None => None,
        };
        let app = App {
            app_id: self.app_id.clone(),
            registration: self.registration.clone(),
            secret,
            previous_secret: keeps_secret.and_then(|app| app.previous_secret.clone()),
            created_at: before.map_or(cx.now, |app| app.created_at),
            updated_at: cx.now,
        };
        let is_new_secret = is_confidential && keeps_secret.is_none();
        let secret = if is_new_secret { SecretEffect::Created } else { SecretEffect::Kept };
        Ok((AppPut { app: app.clone(), effect, secret }, Some(app)))
    }
}

/// Reads an app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetApp {
    /// The id of the app.
    pub app_id: AppId,
}

impl Command for GetApp {
    const NAME: &'static str = "get_app";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = App;
}

impl AppCommand for GetApp {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn decide(&self, cx: &AppContext<'_>) -> Result<(App, Option<App>), DecisionError> {
        Ok((cx.named(&self.app_id)?.clone(), None))
    }
}

/// Gives an app a new client secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotateClientSecret {
    /// The id of the app.
    pub app_id: AppId,
    /// How long the previous secret stays valid, in seconds.
    pub previous_ttl: u32,
}

impl Command for RotateClientSecret {
    const NAME: &'static str = "rotate_client_secret";
    const AUTHORITY: Authority = Authority::Created;
    type Outcome = AppPut;

    fn mints(&self) -> &'static [HandleKind] {
        &[HandleKind::ClientSecret]
    }
}

impl AppCommand for RotateClientSecret {
    const IDEMPOTENCY: Idempotency = Idempotency::Stored;

    fn decide(&self, cx: &AppContext<'_>) -> Result<(AppPut, Option<App>), DecisionError> {
        let before = cx.named(&self.app_id)?;
        if before.registration.client_type == ClientType::Public {
            return Err(DecisionError::AppIsPublic);
        }
        let valid_until = cx.now.plus_seconds(i64::from(self.previous_ttl));
        let replaced = before.secret.clone().filter(|_| self.previous_ttl > 0);
        let app = App {
            secret: cx.minted.client_secret.clone(),
            previous_secret: replaced.map(|digest| PreviousSecret { digest, valid_until }),
            updated_at: cx.now,
            ..before.clone()
        };
        let put = AppPut { app: app.clone(), effect: PutEffect::Kept, secret: SecretEffect::Created };
        Ok((put, Some(app)))
    }
}

/// Reads the app for the Worker, which remembers it for at most ten seconds. The outcome is `None` if it does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchApp {
    /// The id of the app.
    pub app_id: AppId,
}

impl Command for FetchApp {
    const NAME: &'static str = "fetch_app";
    const AUTHORITY: Authority = Authority::NotCreated;
    type Outcome = Option<App>;
}

impl AppCommand for FetchApp {
    const IDEMPOTENCY: Idempotency = Idempotency::NotStored;

    fn authorize(&self, _: &Principal) -> Result<(), DecisionError> {
        Ok(())
    }

    fn decide(&self, cx: &AppContext<'_>) -> Result<(Option<App>, Option<App>), DecisionError> {
        Ok((cx.app.filter(|app| app.app_id == self.app_id).cloned(), None))
    }
}
