//! Users, apps, connections and tokens to start from. They are created by operations, not by a dialect under test.

use std::collections::BTreeMap;

use hookswitch::core::app::{ClientType, Registration};
use hookswitch::core::decide::apps::PutApp;
use hookswitch::core::decide::connections::Switch;
use hookswitch::core::decide::tokens::MintToken;
use hookswitch::core::decide::users::PutUser;
use hookswitch::core::params::{MintKind, MintParams};
use hookswitch::core::provider::{CallAuth, CallBody, CallMethod, Provider, ProviderCall, UpstreamTokenType};
use hookswitch::core::user::{Profile, Role};
use hookswitch::core::{ConnectionRef, ConnectionVerdict, NamedToken, Scope, UserId, Verdict};
use hookswitch::operations::connections::{Create, UpstreamCredential, UpstreamCredentials};
use hookswitch::operations::tokens::{Check, Created, Revoke};
use hookswitch::operations::{Secret, apps, connections, providers, tokens, users};

use super::service::Service;

/// The redirect URI of every app.
pub(crate) const CALLBACK: &str = "https://app.example/callback";

/// An app with its client secret.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) id: String,
    /// Empty for a public app.
    pub(crate) secret: String,
}

/// A connection token for an app: a link, or an authorization code.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) secret: String,
    pub(crate) token_id: String,
    pub(crate) connection_id: String,
}

/// The profile of a user with this role.
pub(crate) fn profile(role: Role) -> Profile {
    Profile { role, groups: Vec::new(), external_id: None, connectable: true }
}

impl Service {
    /// Creates a member.
    pub(crate) fn user(&self, user_id: &str) -> UserId {
        self.user_with(user_id, profile(Role::Member))
    }

    pub(crate) fn user_with(&self, user_id: &str, profile: Profile) -> UserId {
        let user_id: UserId = user_id.parse().unwrap();
        let command = PutUser { user_id: user_id.clone(), profile };
        self.as_root(async move |cx| users::put(cx, command).await);
        user_id
    }

    /// Creates a token of a user without an app.
    pub(crate) fn token(&self, user_id: &UserId, ttl: u32) -> Created {
        self.mint(user_id, MintParams::plain(MintKind::ConnectionToken, Some(ttl)))
    }

    /// Creates an API key of a user.
    pub(crate) fn api_key(&self, user_id: &UserId) -> String {
        self.mint(user_id, MintParams::plain(MintKind::ApiKey, None)).secret
    }

    pub(crate) fn mint(&self, user_id: &UserId, params: MintParams) -> Created {
        let command = MintToken { user_id: user_id.clone(), params };
        self.as_root(async move |cx| tokens::create(cx, command).await)
    }

    /// Creates a token that connects the user to the app.
    pub(crate) fn code(&self, user_id: &UserId, app: &App) -> Code {
        self.code_with(user_id, app, |_| {})
    }

    pub(crate) fn code_with(&self, user_id: &UserId, app: &App, change: impl FnOnce(&mut MintParams)) -> Code {
        let mut params = MintParams::plain(MintKind::ConnectionToken, Some(600));
        params.app_id = Some(app.id.parse().unwrap());
        change(&mut params);
        let Created { verdict, secret } = self.mint(user_id, params);
        let connection_id = verdict.facts.connection_id.unwrap().to_string();
        Code { secret, token_id: verdict.token_id.to_string(), connection_id }
    }

    /// Creates a confidential app with the scopes `read write`.
    pub(crate) fn app(&self, app_id: &str) -> App {
        self.app_with(app_id, |_| {})
    }

    /// Creates a public app with the scopes `read write`.
    pub(crate) fn public_app(&self, app_id: &str) -> App {
        self.app_with(app_id, |registration| registration.client_type = ClientType::Public)
    }

    pub(crate) fn app_with(&self, app_id: &str, change: impl FnOnce(&mut Registration)) -> App {
        let mut registration = Registration {
            name: "Acme".to_owned(),
            description: None,
            redirect_uris: vec![CALLBACK.to_owned()],
            scopes: Some(Scope::parse("read write").unwrap()),
            client_type: ClientType::Confidential,
            logo_url: None,
            provider: None,
        };
        change(&mut registration);
        let command = PutApp { app_id: app_id.parse().unwrap(), registration };
        let put = self.as_root(async move |cx| apps::put(cx, command).await);
        // The isolate remembers apps for a while, also that one does not exist.
        self.platform.memory.clear();
        App { id: app_id.to_owned(), secret: put.client_secret.unwrap_or_default() }
    }

    /// Creates an active connection. It stores these tokens of the app's provider.
    pub(crate) fn connect(&self, user_id: &UserId, app: &App, stored: &[(UpstreamTokenType, &str)]) -> String {
        let upstream = UpstreamCredentials {
            provider: None,
            tokens: stored
                .iter()
                .map(|(token_type, secret)| UpstreamCredential {
                    token_type: *token_type,
                    secret: Secret((*secret).to_owned()),
                    expiry: None,
                })
                .collect(),
        };
        let new = Create {
            user_id: user_id.clone(),
            app_id: app.id.parse().unwrap(),
            scope: None,
            metadata: None,
            upstream: (!stored.is_empty()).then_some(upstream),
        };
        self.as_root(async move |cx| connections::create(cx, new).await).connection.id.to_string()
    }

    /// Configures a provider that revokes tokens of these types with RFC 7009; none if there are no types.
    pub(crate) fn provider(&self, slug: &str, types: &[UpstreamTokenType]) {
        let call = ProviderCall {
            method: CallMethod::Rfc7009,
            url: "https://provider.example/revoke".to_owned(),
            auth: CallAuth::None,
            body: CallBody::Form,
            parameter: "token".to_owned(),
            tokens: types.to_vec(),
            gone_errors: Vec::new(),
            gone_statuses: Vec::new(),
            headers: BTreeMap::new(),
            answers: Vec::new(),
        };
        let provider = Provider {
            slug: slug.parse().unwrap(),
            name: slug.to_owned(),
            revocation: (!types.is_empty()).then_some(call),
            client_id: None,
        };
        self.as_root(async move |cx| providers::put(cx, provider, None).await);
    }

    /// The verdict on a token, as root reads it from the ledger.
    pub(crate) fn verdict(&self, token: &str) -> Verdict {
        let check = Check { token: self.named(token), user_id: None };
        self.as_root(async move |cx| tokens::check(cx, check).await)
    }

    /// The status of a token, as root reads it.
    pub(crate) fn status(&self, token: &str) -> &'static str {
        self.verdict(token).status().as_str()
    }

    pub(crate) fn consume(&self, token: &str) {
        let token = self.named(token);
        self.as_root(async move |cx| tokens::consume(cx, &token).await);
    }

    pub(crate) fn revoke(&self, token: &str) {
        let revoke = Revoke { token: self.named(token), user_id: None, reason: Some("lost".to_owned()) };
        self.as_root(async move |cx| tokens::revoke(cx, revoke).await);
    }

    /// A connection, as root reads it.
    pub(crate) fn connection(&self, id: &str) -> ConnectionVerdict {
        let connection = self.connection_ref(id);
        self.as_root(async move |cx| connections::get(cx, &connection).await)
    }

    pub(crate) fn switch(&self, connection_id: &str, switch: Switch) {
        let connection = self.connection_ref(connection_id);
        self.as_root(async move |cx| connections::set_enabled(cx, &connection, switch, None).await);
    }

    pub(crate) fn revoke_connection(&self, connection_id: &str) {
        let connection = self.connection_ref(connection_id);
        self.as_root(async move |cx| connections::revoke(cx, &connection, None).await);
    }

    fn named(&self, token: &str) -> NamedToken {
        NamedToken::of(self.config.keyring.open(token))
    }

    fn connection_ref(&self, id: &str) -> ConnectionRef {
        ConnectionRef::of(self.config.keyring.open(id))
    }
}

/// A text that looks like the handle and was not created by this deployment: its last digit differs.
pub(crate) fn forge(handle: &str) -> String {
    let (start, last) = handle.split_at(handle.len() - 1);
    format!("{start}{}", if last == "0" { "1" } else { "0" })
}
