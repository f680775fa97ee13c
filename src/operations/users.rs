//! Users: created and replaced, read, revoked, and their lists.
//!
//! An external id belongs to one user. A user's ledger cannot know what other users have, so each external id has a ledger
//! of its own: the user claims the id there before its profile is stored, and confirms the claim afterwards. The holder
//! that the external id's ledger names is only a candidate: the user's own ledger decides whether the user has the id.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::operations::users;
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! let user_id = deployment.run(deployment.member("ada")).unwrap().unwrap();
//! let user = deployment.run(users::get(&deployment.root(), user_id)).unwrap().unwrap();
//! assert!(user.profile.connectable);
//! # }
//! ```

use futures_util::future::join;

use super::app_lookup;
use super::authenticate::current_principal;
use super::context::Context;
use super::error::ApiError;
use crate::core::decide::connections::{ListConnectedApps, RevokeConnectedApp};
use crate::core::decide::external_ids::{ClaimExternalId, ConfirmClaim, GetHolder};
use crate::core::decide::reservations::{ReservationStep, ReserveUserId};
use crate::core::decide::users::{GetUser, ListConnections, ListEvents, ListTokens, PutUser, RevokeUser, UserRevoked};
use crate::core::decide::{Put, UserCommand};
use crate::core::event::RecordedEvent;
use crate::core::params::Page;
use crate::core::{
    App, AppId, ConnectionVerdict, DecisionError, ExternalId, Principal, Resource, Scope, User, UserId, Verdict,
};

/// Creates a user or replaces its profile.
///
/// 1. Claims the external id, if an administrator gives one: one who is an administrator still.
/// 2. Stores the profile in the user's ledger.
/// 3. Confirms the claim. If that fails, the id stays reserved for this user for half a minute.
///
/// # Errors
/// [`DecisionError::ExternalIdTaken`], [`DecisionError::UserIdReserved`], another refusal of the user's ledger, or
/// [`ApiError::Unavailable`].
pub async fn put(cx: &Context<'_>, command: PutUser) -> Result<Put<User>, ApiError> {
    let user_id = command.user_id.clone();
    let claimed = match command.profile.external_id.clone() {
        // Only administrators give external ids. The ledger refuses the command of everybody else.
        Some(external_id) if current_principal(cx, cx.principal()?.clone()).await?.writes_everyone() => {
            claim(cx, &external_id, &user_id).await?;
            Some(external_id)
        }
        _ => None,
    };
    let put = put_unless_reserved(cx, command).await?;
    if let Some(external_id) = &claimed {
        let confirmed = reserve(cx, external_id, &user_id, ReservationStep::Confirm);
        let _ = join(confirmed, cx.external_id(external_id).run(ConfirmClaim { user_id: user_id.clone() })).await;
    }
    Ok(put)
}

/// Stores the profile in the user's ledger. A user whose id is another user's external id is not created.
async fn put_unless_reserved(cx: &Context<'_>, command: PutUser) -> Result<Put<User>, ApiError> {
    let user_id = command.user_id.clone();
    let ledger = cx.ledger_of(&user_id);
    let reserved = match ledger.clone().run(command.clone()).await {
        Err(ApiError::Refused(DecisionError::UserIdReserved { holder })) => holder,
        ran => return Ok(ran?.outcome),
    };
    let external_id: Result<ExternalId, _> = user_id.as_str().parse();
    if let Ok(external_id) = external_id
        && !has_external_id(cx, &reserved, &external_id).await?
    {
        reserve(cx, &external_id, &reserved, ReservationStep::Release).await?;
        return Ok(ledger.run(command).await?.outcome);
    }
    Err(DecisionError::UserIdReserved { holder: reserved }.into())
}

/// Runs a step of the reservation of the user id whose text is an external id. No user may have that id.
async fn reserve(
    cx: &Context<'_>,
    external_id: &ExternalId,
    holder: &UserId,
    step: ReservationStep,
) -> Result<(), ApiError> {
    let Ok(user_id) = external_id.as_str().parse::<UserId>() else {
        return Ok(());
    };
    if user_id == *holder {
        return Ok(());
    }
    let command = ReserveUserId { user_id: user_id.clone(), holder: holder.clone(), step };
    cx.ledger_of(&user_id).by(Principal::Root).run_plain(command).await
}

/// Claims an external id for a user, and reserves the user id of the same text. A holder that does not have the external
/// id any more is replaced.
async fn claim(cx: &Context<'_>, external_id: &ExternalId, user_id: &UserId) -> Result<(), ApiError> {
    let mut instead_of = None;
    loop {
        let command = ClaimExternalId { user_id: user_id.clone(), instead_of: instead_of.clone() };
        let holder = cx.external_id(external_id).run(command).await?;
        if holder == *user_id {
            return reserve(cx, external_id, user_id, ReservationStep::Claim).await;
        }
        if instead_of.is_some() || has_external_id(cx, &holder, external_id).await? {
            return Err(DecisionError::ExternalIdTaken.into());
        }
        instead_of = Some(holder);
    }
}

/// Whether a user has an external id, according to the user's own ledger.
async fn has_external_id(cx: &Context<'_>, user_id: &UserId, external_id: &ExternalId) -> Result<bool, ApiError> {
    let ledger = cx.ledger_of(user_id).by(Principal::Root);
    match ledger.run_plain(GetUser { user_id: user_id.clone() }).await {
        Ok(user) => Ok(user.profile.external_id.as_ref() == Some(external_id)),
        Err(ApiError::Refused(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads a user.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn get(cx: &Context<'_>, user_id: UserId) -> Result<User, ApiError> {
    cx.ledger_of(&user_id).run_plain(GetUser { user_id: user_id.clone() }).await
}

/// Revokes tokens and connections of a user together, or only counts them.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn revoke(cx: &Context<'_>, command: RevokeUser) -> Result<UserRevoked, ApiError> {
    Ok(cx.ledger_of(&command.user_id).run(command).await?.outcome)
}

/// Lists the tokens of a user, newest first.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn list_tokens(cx: &Context<'_>, command: ListTokens) -> Result<Page<Verdict>, ApiError> {
    cx.ledger_of(&command.user_id).run_plain(command).await
}

/// Lists the events of a user, newest first.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn list_events(cx: &Context<'_>, command: ListEvents) -> Result<Page<RecordedEvent>, ApiError> {
    cx.ledger_of(&command.user_id).run_plain(command).await
}

/// Lists the connections of a user, newest first.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn list_connections(cx: &Context<'_>, command: ListConnections) -> Result<Page<ConnectionVerdict>, ApiError> {
    cx.ledger_of(&command.user_id).run_plain(command).await
}

/// An app that a user has authorized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizedApp {
    /// The app's id.
    pub app_id: AppId,
    /// The scopes of all connections to the app.
    pub scope: Option<Scope>,
    /// The registration of the app, if it still exists.
    pub app: Option<App>,
}

/// Lists the apps that a user has authorized. `name` is the user's id or its external id.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn list_connected_apps(cx: &Context<'_>, name: UserId) -> Result<Vec<AuthorizedApp>, ApiError> {
    let connected = by_name(cx, name, |user_id| ListConnectedApps { user_id }).await?;
    let ids: Vec<_> = connected.iter().map(|connected| &connected.app_id).collect();
    let apps = app_lookup::find_all(cx, &ids).await?;
    let with_app = connected.into_iter().map(|connected| {
        let app = apps.iter().find(|app| app.app_id == connected.app_id).cloned();
        AuthorizedApp { app_id: connected.app_id, scope: connected.scope, app }
    });
    Ok(with_app.collect())
}

/// Revokes every connection of a user to an app. `name` is the user's id or its external id.
///
/// # Errors
/// The refusal of the user's ledger, or [`ApiError::Unavailable`].
pub async fn revoke_connected_app(cx: &Context<'_>, name: UserId, app_id: &AppId) -> Result<(), ApiError> {
    by_name(cx, name, |user_id| RevokeConnectedApp { user_id, app_id: app_id.clone() }).await
}

/// Runs a command of a user that is named by its id or, if no user has this id, by its external id.
async fn by_name<C: UserCommand>(
    cx: &Context<'_>,
    name: UserId,
    command: impl Fn(UserId) -> C,
) -> Result<C::Outcome, ApiError> {
    let not_found = match cx.ledger_of(&name).run(command(name.clone())).await {
        Err(error @ ApiError::Refused(DecisionError::NotFound(Resource::User))) => error,
        ran => return Ok(ran?.outcome),
    };
    let Ok(external_id) = name.as_str().parse::<ExternalId>() else {
        return Err(not_found);
    };
    match cx.external_id(&external_id).run(GetHolder {}).await? {
        Some(holder) if has_external_id(cx, &holder, &external_id).await? => {
            Ok(cx.ledger_of(&holder).run(command(holder.clone())).await?.outcome)
        }
        _ => Err(not_found),
    }
}
