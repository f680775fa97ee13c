//! The moves of a history's clients, run as the requests that the Worker makes of them.

use hookswitch::core::app::ClientType;
use hookswitch::core::command::IdempotencyKey;
use hookswitch::core::cutoff::TokenKindSet;
use hookswitch::core::decide::connections::{
    CreateConnection, GetConnection, IssueTokens, RevokeConnection, SetConnectionEnabled, Switch,
};
use hookswitch::core::decide::grants::{
    ExchangeCode, IntrospectToken, RefreshTokens, RevokeConnectionOfToken, RevokeGrantToken,
};
use hookswitch::core::decide::tokens::{CheckTokens, ConsumeToken, MintToken, RevokeToken};
use hookswitch::core::decide::users::RevokeUser;
use hookswitch::core::params::{Lifetimes, MintKind, MintParams, RevokeFilter};
use hookswitch::core::{
    App, ChangeSet, DecisionError, Digest, Principal, Request, Scope, TokenKind, TokenRef, UserId, pkce,
};
use serde_json::Value;

use crate::ledger::{Ledger, Runnable};
use crate::{answers, kit, names};

/// The validity of tokens that are issued over OAuth, in seconds.
const LIFETIMES: Lifetimes = Lifetimes { access: 3_600, refresh: Some(7_776_000) };
/// The validity of a refresh token that is issued natively, in seconds.
const REFRESH_TTL: u32 = 7_776_000;

/// The user, the apps and the settings of a history.
pub(crate) struct Cast {
    pub(crate) user: UserId,
    apps: Vec<App>,
    pub(crate) grace: u32,
}

impl Cast {
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
            grace: u32::try_from(line["grace"].as_u64().expect("a grace period")).expect("a grace period"),
        }
    }

    /// Makes a move. `makes` is the number in the names of what it creates.
    pub(crate) fn play(&self, ledger: &mut Ledger, step: &Value, makes: u64) -> Played {
        let (user_id, played) = (|| self.user.clone(), &mut Move { cast: self, ledger, step, makes });
        match text(step, "do").expect("the name of a move") {
            "mint" => played.native(MintToken { user_id: user_id(), params: mint_params(step) }, answers::minted),
            "connect" => {
                let (app_id, scope) = (kit::app_id(text(step, "app").expect("an app")), scope(step));
                let (metadata, upstream) = (None, None);
                let command = CreateConnection { user_id: user_id(), app_id, scope, metadata, upstream };
                played.native(command, answers::connected)
            }
            "consume" => played.native(ConsumeToken { token: secret(step) }, answers::consumed),
            "check" => played.native(CheckTokens { tokens: vec![secret(step)] }, answers::checked),
            "revoke" => played.native(RevokeToken { token: secret(step), reason: None }, answers::revoked),
            "exchange" => {
                let code_challenge = text(step, "verifier").map(pkce::challenge);
                let (code, redirect_uri, lifetimes) = (secret(step), None, LIFETIMES);
                let command = ExchangeCode { code, redirect_uri, code_challenge, lifetimes };
                played.of_client(command, None, answers::granted)
            }
            "refresh" => {
                let command = RefreshTokens { token: secret(step), scope: scope(step), lifetimes: LIFETIMES };
                let idempotency = played.rotation(&command.token);
                played.of_client(command, idempotency, answers::granted)
            }
            "introspect" => played.of_client(IntrospectToken { token: secret(step) }, None, answers::introspected),
            "retract" => played.of_client(RevokeGrantToken { token: secret(step) }, None, |_| answers::done()),
            "leave" => played.of_holder(RevokeConnectionOfToken { token: secret(step) }, |_| answers::done()),
            "get" => played.native(GetConnection { id: connection(step) }, answers::connected),
            "close" => played.native(RevokeConnection { id: connection(step), reason: None }, answers::changed),
            "disable" => played.switch(Switch::Disable),
            "enable" => played.switch(Switch::Enable),
            "issue" => {
                let refresh = step["refresh"].as_bool().expect("whether to issue a refresh token");
                let lifetimes = Lifetimes { access: seconds(step), refresh: refresh.then_some(REFRESH_TTL) };
                let command = IssueTokens { id: connection(step), scope: scope(step), lifetimes };
                played.native(command, answers::issued)
            }
            "purge" => {
                let app_id = text(step, "app").map(kit::app_id);
                let filter = RevokeFilter { before: None, app_id, kinds: kinds(step), reason: None };
                played.native(RevokeUser { user_id: user_id(), filter, dry_run: false }, answers::purged)
            }
            other => panic!("there is no move {other}"),
        }
    }

    fn app(&self, id: Option<&str>) -> Option<App> {
        self.apps.iter().find(|app| Some(app.app_id.as_str()) == id).cloned()
    }
}

/// The changes of a move, and the answer that its client sees.
pub(crate) struct Played {
    pub(crate) changes: ChangeSet,
    pub(crate) seen: Value,
}

/// A move, while it is made.
struct Move<'a> {
    cast: &'a Cast,
    ledger: &'a mut Ledger,
    step: &'a Value,
    makes: u64,
}

impl Move<'_> {
    /// A request of root to the native API.
    fn native<C: Runnable>(&mut self, command: C, see: impl Fn(&C::Outcome) -> Value) -> Played {
        let app = self.cast.app(text(self.step, "app"));
        self.run(Request { app, ..Request::plain(Principal::Root, command) }, see, answers::native_error)
    }

    /// A request of an OAuth client.
    fn of_client<C: Runnable>(
        &mut self,
        command: C,
        idempotency: Option<IdempotencyKey>,
        see: impl Fn(&C::Outcome) -> Value,
    ) -> Played {
        let client = self.client();
        let principal = Principal::App(client.app_id.clone());
        let request = Request { app: Some(client), idempotency, ..Request::plain(principal, command) };
        self.run(request, see, answers::oauth_error)
    }

    /// A request of the holder of a token.
    fn of_holder<C: Runnable>(&mut self, command: C, see: impl Fn(&C::Outcome) -> Value) -> Played {
        self.run(Request::plain(Principal::Holder, command), see, answers::oauth_error)
    }

    fn switch(&mut self, switch: Switch) -> Played {
        let command = SetConnectionEnabled { id: connection(self.step), switch, reason: None };
        self.native(command, answers::changed)
    }

    fn run<C: Runnable>(
        &mut self,
        request: Request<C>,
        see: impl Fn(&C::Outcome) -> Value,
        refuse: impl Fn(&DecisionError) -> Value,
    ) -> Played {
        let minted = names::minted(&request.command, self.makes);
        let (reply, changes) = self.ledger.run(&Request { minted, ..request });
        let seen = match &reply.outcome {
            Ok(outcome) => see(outcome),
            Err(error) => refuse(error),
        };
        Played { changes, seen }
    }

    fn client(&self) -> App {
        self.cast.app(text(self.step, "client")).expect("a client")
    }

    /// How the use of a rotating refresh token is recognised if it is repeated.
    fn rotation(&self, token: &TokenRef) -> Option<IdempotencyKey> {
        let is_public = self.client().registration.client_type == ClientType::Public;
        let digest = token.digest().filter(|_| is_public)?;
        let key = Digest::of_parts(&[b"refresh", digest.as_str().as_bytes()]);
        Some(IdempotencyKey { request: key.clone(), key, grace: Some(self.cast.grace) })
    }
}

fn mint_params(step: &Value) -> MintParams {
    MintParams {
        app_id: text(step, "app").map(kit::app_id),
        scope: scope(step),
        code_challenge: text(step, "challenge").map(|text| pkce::parse_challenge(text).expect("a challenge")),
        ..MintParams::plain(MintKind::ConnectionToken, Some(seconds(step)))
    }
}

fn secret(step: &Value) -> TokenRef {
    names::token(text(step, "secret").expect("a token"))
}

fn connection(step: &Value) -> hookswitch::core::ConnectionId {
    names::connection(text(step, "id").expect("a connection"))
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

fn scope(step: &Value) -> Option<Scope> {
    text(step, "scope").map(kit::scope)
}

fn seconds(step: &Value) -> u32 {
    u32::try_from(step["ttl"].as_u64().expect("a validity")).expect("a validity")
}

fn kinds(step: &Value) -> TokenKindSet {
    let words = step["kinds"].as_array().expect("kinds").iter().map(|kind| kind.as_str().expect("a kind"));
    let (connections, tokens): (Vec<_>, Vec<_>) = words.partition(|word| *word == "connection");
    let tokens: TokenKindSet = tokens.into_iter().map(|word| word.parse::<TokenKind>().expect("a kind")).collect();
    if connections.is_empty() { tokens } else { tokens.with(TokenKindSet::CONNECTIONS) }
}
