//! From a move of a history's client to the request that the edge would make of it.

use hookswitch::core::app::ClientType;
use hookswitch::core::command::{Action, GrantAction};
use hookswitch::core::cutoff::Kinds;
use hookswitch::core::order::{Cut, Lifetimes, Order};
use hookswitch::core::request::Retry;
use hookswitch::core::target::TokenName;
use hookswitch::core::{App, Command, Digest, Principal, Request, Scope, TokenKind, UserId, pkce};
use serde_json::Value;

use crate::{kit, names};

/// How long tokens live that are issued over OAuth, in seconds.
const LIFETIMES: Lifetimes = Lifetimes { access: 3_600, refresh: Some(7_776_000) };
/// How long a refresh token lives that is issued natively, in seconds.
const REFRESH_TTL: u32 = 7_776_000;

/// Who and what a history is about.
pub(crate) struct Cast {
    pub(crate) user: UserId,
    apps: Vec<App>,
    pub(crate) grace: u32,
}

impl Cast {
    /// Reads it from the line that starts a history.
    pub(crate) fn of(line: &Value) -> Self {
        let app = |one: &Value| {
            let public = one["public"].as_bool().expect("whether an app is public");
            let client_type = if public { ClientType::Public } else { ClientType::Confidential };
            let mut app = kit::app(text(one, "app_id").expect("an app's id"), client_type);
            app.registration.scopes = text(one, "scopes").map(kit::scope);
            app
        };
        Self {
            user: kit::user_id(text(line, "history").expect("a user")),
            apps: line["apps"].as_array().expect("apps").iter().map(app).collect(),
            grace: u32::try_from(line["grace"].as_u64().expect("a grace")).expect("a grace"),
        }
    }

    fn app(&self, id: Option<&str>) -> Option<App> {
        self.apps.iter().find(|app| Some(app.app_id.as_str()) == id).cloned()
    }

    /// The request that a move is.
    pub(crate) fn request(&self, of: &Value, number: u64) -> Request {
        let command = self.command(of);
        let client = self.app(text(of, "client"));
        let principal = match (&client, &command) {
            (Some(client), _) => Principal::App(client.app_id.clone()),
            (None, Command::OfGrant(..)) => Principal::Holder,
            (None, _) => Principal::Root,
        };
        let app = client.or_else(|| self.app(text(of, "app")));
        let retry = self.retry(&command, app.as_ref());
        Request { principal, minting: names::minting(&command, number), command, app, retry }
    }

    /// A refresh token that rotates may come again since its answer got lost.
    fn retry(&self, command: &Command, app: Option<&App>) -> Option<Retry> {
        let Command::OfGrant(TokenName::Secret(_, token), GrantAction::Refresh { .. }) = command else {
            return None;
        };
        app.filter(|app| app.registration.client_type == ClientType::Public)?;
        let key = Digest::of_parts(&[b"refresh", token.as_str().as_bytes()]);
        Some(Retry { request: key.clone(), key, grace: Some(self.grace) })
    }

    fn command(&self, of: &Value) -> Command {
        let user_id = || self.user.clone();
        let secret = || names::token(text(of, "secret").expect("a token"));
        let connection = || names::connection(text(of, "id").expect("a connection"));
        match text(of, "do").expect("what is done") {
            "mint" => Command::Mint(
                user_id(),
                Order {
                    app_id: text(of, "app").map(kit::app_id),
                    scope: scope(of),
                    code_challenge: text(of, "challenge").map(|text| pkce::parse_challenge(text).expect("a challenge")),
                    ..Order::plain(TokenKind::ConnectionToken, Some(seconds(of)))
                },
            ),
            "connect" => Command::Connect {
                user_id: user_id(),
                app_id: kit::app_id(text(of, "app").expect("an app")),
                scope: scope(of),
                metadata: None,
                upstream: None,
            },
            "consume" => Command::Consume(secret()),
            "check" => Command::Check(vec![secret()]),
            "revoke" => Command::Revoke { token: secret(), reason: None },
            "exchange" => Command::OfGrant(
                secret(),
                GrantAction::Exchange {
                    redirect_uri: None,
                    code_challenge: text(of, "verifier").map(pkce::challenge),
                    lifetimes: LIFETIMES,
                },
            ),
            "refresh" => Command::OfGrant(secret(), GrantAction::Refresh { scope: scope(of), lifetimes: LIFETIMES }),
            "introspect" => Command::OfGrant(secret(), GrantAction::Introspect),
            "retract" => Command::OfGrant(secret(), GrantAction::Revoke),
            "leave" => Command::OfGrant(secret(), GrantAction::Disconnect),
            "get" => Command::OfConnection(connection(), Action::Get),
            "close" => Command::OfConnection(connection(), Action::Revoke(None)),
            "disable" => Command::OfConnection(connection(), Action::Disable(None)),
            "enable" => Command::OfConnection(connection(), Action::Enable(None)),
            "issue" => {
                let refresh = of["refresh"].as_bool().expect("whether to refresh").then_some(REFRESH_TTL);
                Command::OfConnection(
                    connection(),
                    Action::Issue(scope(of), Lifetimes { access: seconds(of), refresh }),
                )
            }
            "purge" => {
                let app_id = text(of, "app").map(kit::app_id);
                let cut = Cut { before: None, app_id, kinds: kinds(of), reason: None };
                Command::RevokeUser { user_id: user_id(), cut, dry_run: false }
            }
            other => panic!("nobody can {other}"),
        }
    }
}

fn text<'a>(of: &'a Value, name: &str) -> Option<&'a str> {
    of.get(name)?.as_str()
}

fn scope(of: &Value) -> Option<Scope> {
    text(of, "scope").map(kit::scope)
}

fn seconds(of: &Value) -> u32 {
    u32::try_from(of["ttl"].as_u64().expect("a life")).expect("a life")
}

fn kinds(of: &Value) -> Kinds {
    let words = of["kinds"].as_array().expect("kinds").iter().map(|kind| kind.as_str().expect("a kind"));
    let (connections, tokens): (Vec<_>, Vec<_>) = words.partition(|word| *word == "connection");
    let tokens: Kinds = tokens.into_iter().map(|word| TokenKind::parse(word).expect("a kind")).collect();
    if connections.is_empty() { tokens } else { tokens.with(Kinds::CONNECTIONS) }
}
