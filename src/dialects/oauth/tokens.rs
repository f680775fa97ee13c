//! What is asked of a token endpoint, and what it answers: RFC 6749 §§4.1.3, 5.1 and 6.

use crate::core::command::GrantAction;
use crate::core::json::Object;
use crate::core::order::Lifetimes;
use crate::core::{Kind, Outcome, Refusal, Scope, TokenKind, Verdict, pkce};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::{Ask, Call, Done, Failure, Fields};

/// How long tokens live where nobody says: an hour, and 90 days.
pub const LIFETIMES: Lifetimes = Lifetimes { access: 3_600, refresh: Some(7_776_000) };

/// Reads a request for tokens that live as long as those do.
pub fn request(call: &Call, body: &mut Fields) -> Option<Ask> {
    request_for(call, body, LIFETIMES)
}

/// Reads a request for tokens that live so long.
pub fn request_for(call: &Call, body: &mut Fields, lifetimes: Lifetimes) -> Option<Ask> {
    let (token, action) = match body.required_text("grant_type")?.as_str() {
        "authorization_code" => {
            let code = call.target(&body.required_text("code")?).secret_of(TokenKind::ConnectionToken);
            let redirect_uri = body.string("redirect_uri");
            let code_challenge = body.string("code_verifier").map(|verifier| pkce::challenge(&verifier));
            (code, GrantAction::Exchange { redirect_uri, code_challenge, lifetimes })
        }
        "refresh_token" => {
            let token = call.target(&body.required_text("refresh_token")?).secret_of(TokenKind::RefreshToken);
            (token, GrantAction::Refresh { scope: body.text("scope", Scope::parse), lifetimes })
        }
        _ => return body.refuse(Failure::Unsupported("unsupported_grant_type")),
    };
    Some(Ask::OfGrant(token, action))
}

/// The answer of a token endpoint.
///
/// # Errors
/// [`Failure::Refused`] where the code or refresh token was used up before.
pub fn issued(done: &Done) -> Result<Object, Failure> {
    match &done.outcome {
        Outcome::Issued { access, refresh } => {
            let refresh_token = refresh.as_ref().map(|_| done.secret(Kind::RefreshToken)).transpose()?;
            Ok(Object::new()
                .with("access_token", done.secret(Kind::AccessToken)?)
                .with("token_type", "Bearer")
                .with("expires_in", expires_in(access, done))
                .with_some("refresh_token", refresh_token)
                .with_some("scope", access.facts.scope.as_ref().map(Scope::as_str)))
        }
        Outcome::Replayed(verdict) => Err(Refusal::Dead(Box::new(verdict.clone())).into()),
        _ => Err(UNEXPECTED),
    }
}

/// How many seconds are left to a token: fewer than it was given, where the answer is an earlier one.
fn expires_in(verdict: &Verdict, done: &Done) -> u64 {
    let since = verdict.created_at.max(done.context.now);
    let left = verdict.expires_at.map_or(0, |at| at.seconds_since(since));
    u64::try_from(left).unwrap_or_default()
}
