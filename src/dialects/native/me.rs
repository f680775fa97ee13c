//! `/v1/me`: the principal that a key authenticates.

use serde::Serialize;

use super::BEARER;
use crate::core::access::ActorType;
use crate::core::{Actor, Group, Principal, Role, TokenId, TokenRef, UserId};
use crate::dialects::operation::{Operation, Tag};
use crate::dialects::respond::Body;
use crate::dialects::route::Route;
use crate::operations::{ApiError, Context};

const BASE: Operation = Operation {
    tag: Tag { name: "Me", description: "The owner of the key of a request." },
    security: &[BEARER],
    ..Operation::UNDOCUMENTED
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/v1/me", get).operation(|| Operation {
        id: "getMe",
        summary: "Read who the key authenticates",
        description: "Returns the user that the API key authenticates with its role and groups, or root. A changed role \
            shows after 10 seconds at the latest.",
        ..BASE
    })]
}

/// The principal that the key authenticates.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Me"))]
struct MeResponse {
    /// The principal as the author of changes: `root` or a user id.
    actor: Actor,
    /// The kind of the actor.
    actor_type: ActorType,
    /// The user; null for root.
    user_id: Option<UserId>,
    /// The role that the key has; null for root, which may do everything.
    role: Option<Role>,
    /// The groups of the user.
    groups: Vec<Group>,
    /// The public id of the API key; null for root.
    token_id: Option<TokenId>,
    /// Whether the key acts as a member at most, whatever the role of the user is.
    limited: bool,
}

async fn get(cx: &Context<'_>) -> Result<Body<MeResponse>, ApiError> {
    let principal = cx.principal()?;
    let actor = principal.actor();
    let actor_type = actor.actor_type();
    let plain =
        MeResponse { actor, actor_type, user_id: None, role: None, groups: Vec::new(), token_id: None, limited: false };
    Ok(Body(match principal.clone() {
        Principal::User { user_id, role, groups, key, limited } => {
            let token_id = match key {
                TokenRef::Public { token_id, .. } => Some(token_id),
                TokenRef::Secret { .. } => None,
            };
            MeResponse { user_id: Some(user_id), role: Some(role), groups, token_id, limited, ..plain }
        }
        Principal::Root | Principal::App(_) | Principal::Holder => plain,
    }))
}
