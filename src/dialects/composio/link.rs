//! The link by which a user connects an account.

use crate::core::json::Object;
use crate::core::order::Order;
use crate::core::{AppId, Command, ConnectionId, Kind, Outcome, TokenKind, UserId};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::{Ask, Call, Done, Failure, Fields, Reply};

/// How long the user has, in seconds; an account that nobody has connected by then is `EXPIRED`.
const TTL: u32 = 600;
/// The longest `callback_url`, in characters.
const CALLBACK_MAX: usize = 2_048;

pub(super) fn parse(_: &Call, body: &mut Fields) -> Option<Ask> {
    let user_id = body.required("user_id", UserId::parse)?;
    let order = Order {
        app_id: Some(body.required("auth_config_id", AppId::parse)?),
        redirect_uri: body.nullable("callback_url").short_text("callback_url", CALLBACK_MAX),
        ..Order::plain(TokenKind::ConnectionToken, Some(TTL))
    };
    Some(Ask::Run(Command::Mint(user_id, order)))
}

/// The link is a secret: whoever has it connects the account, once.
pub(super) fn render(done: &Done) -> Result<Reply, Failure> {
    let Outcome::Minted(verdict) = &done.outcome else {
        return Err(UNEXPECTED);
    };
    let token = done.secret(Kind::ConnectionToken)?;
    let body = Object::new()
        .with("link_token", token.as_str())
        .with("redirect_url", format!("{}/connect?token={token}", done.context.origin))
        .with("expires_at", verdict.expires_at)
        .with("connected_account_id", verdict.facts.connection_id.as_ref().map(ConnectionId::as_str));
    Ok(Reply::json(201, &body))
}
