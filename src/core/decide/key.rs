//! Whose API key it is.

use crate::core::access::Principal;
use crate::core::answer::Authenticated;
use crate::core::status::Standing;
use crate::core::time::Timestamp;
use crate::core::token::TokenKind;
use crate::core::user::Role;
use crate::core::view::View;

/// Who holds the API key that the view shows; nobody, where it is dead or not a key.
#[must_use]
pub fn authenticate(view: &View, now: Timestamp) -> Option<Authenticated> {
    let user = view.user.as_ref()?;
    let key = view.tokens.first()?.as_ref().filter(|token| token.kind == TokenKind::ApiKey)?;
    if view.status(key, now) != Standing::Valid {
        return None;
    }
    let role = match user.profile.role {
        Role::Admin | Role::Manager if key.grant.limited => Role::Member,
        role => role,
    };
    Some(Authenticated {
        principal: Principal::User {
            user_id: user.user_id.clone(),
            role,
            groups: user.profile.groups.clone(),
            key: key.token_id.clone(),
            limited: key.grant.limited,
        },
        expires_at: key.expires_at,
    })
}
