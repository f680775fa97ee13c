//! OAuth clients and the link page.

use hookswitch::core::app::ClientType;
use hookswitch::core::decide::tokens::MintToken;
use hookswitch::core::params::{Lifetimes, MintKind, MintParams};
use hookswitch::core::{AppId, DecisionError, Status, UserId, pkce};
use hookswitch::operations::connections::IssuedTokens;
use hookswitch::operations::link_page::{AnsweredPage, Consent, LinkPageRequest, LinkPageResult};
use hookswitch::operations::oauth::{Exchange, Refresh};
use hookswitch::operations::tokens::Check;
use hookswitch::operations::{ApiError, Caller, ClientCredentials, link_page, oauth, tokens};

use crate::kit::{Deployment, refusal};

const REDIRECT_URI: &str = "https://app.example/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const LIFETIMES: Lifetimes = Lifetimes { access: 3_600, refresh: Some(86_400) };

impl Deployment {
    /// Creates a link for a user to connect an app.
    fn link(&self, user_id: &UserId, app_id: &AppId) -> String {
        let params = MintParams {
            app_id: Some(app_id.clone()),
            redirect_uri: Some(REDIRECT_URI.to_owned()),
            code_challenge: Some(pkce::challenge(VERIFIER)),
            ..MintParams::plain(MintKind::ConnectionToken, Some(600))
        };
        self.run(tokens::create(&self.root(), MintToken { user_id: user_id.clone(), params })).unwrap().secret
    }

    fn answer(&self, link: &str, consent: Consent, page: Option<AnsweredPage>) -> Result<LinkPageResult, ApiError> {
        let request = LinkPageRequest { token: self.open(link), consent, page };
        self.run(link_page::answer(&self.holder(), request))
    }

    fn exchange(&self, client: &ClientCredentials, code: &str) -> Result<IssuedTokens, ApiError> {
        let exchange = Exchange {
            code: self.open(code),
            redirect_uri: Some(REDIRECT_URI.to_owned()),
            code_challenge: Some(pkce::challenge(VERIFIER)),
            lifetimes: LIFETIMES,
        };
        self.run(oauth::exchange(&self.by(Caller::Client(client.clone())), exchange))
    }

    fn refresh(&self, client: &ClientCredentials, token: &str) -> Result<IssuedTokens, ApiError> {
        let refresh = Refresh { token: self.open(token), scope: None, lifetimes: LIFETIMES };
        self.run(oauth::refresh(&self.by(Caller::Client(client.clone())), refresh))
    }

    /// Connects an app and returns what it got.
    fn authorize(&self, client: &ClientCredentials) -> (String, IssuedTokens) {
        let link = self.link(&self.user("user-1"), &client.app_id);
        let code = match self.answer(&link, Consent::Approve, None).unwrap() {
            LinkPageResult::Code { code, redirect_uri } => {
                assert_eq!(redirect_uri, REDIRECT_URI);
                code
            }
            other => panic!("no code: {other:?}"),
        };
        let issued = self.exchange(client, &code).unwrap();
        (code, issued)
    }

    fn status(&self, secret: &str) -> Status {
        let check = Check { token: self.open(secret), user_id: None };
        self.run(tokens::check(&self.root(), check)).unwrap().status()
    }
}

#[test]
fn code_that_is_exchanged_twice_revokes_its_tokens() {
    let deployment = Deployment::new();
    let client = deployment.app("app-1", ClientType::Public);
    let (code, issued) = deployment.authorize(&client);
    assert_eq!(deployment.status(&issued.access_token), Status::Valid);
    assert!(matches!(refusal(deployment.exchange(&client, &code)), DecisionError::TokenNotActive(_)));
    assert_eq!(deployment.status(&issued.access_token), Status::Revoked);
}

#[test]
fn lost_answer_to_a_refresh_is_repeated_within_the_grace_period() {
    let deployment = Deployment::new();
    let client = deployment.app("app-1", ClientType::Public);
    let (_, issued) = deployment.authorize(&client);
    let old = issued.refresh.unwrap().secret;
    let first = deployment.refresh(&client, &old).unwrap();
    deployment.clock.advance_seconds(30);
    let repeated = deployment.refresh(&client, &old).unwrap();
    assert_eq!(first.access_token, repeated.access_token);
    assert_eq!(first.refresh, repeated.refresh);
    // Later, the old token means that somebody stole it.
    deployment.clock.advance_seconds(1);
    assert!(matches!(refusal(deployment.refresh(&client, &old)), DecisionError::TokenNotActive(_)));
    assert_eq!(deployment.status(&first.access_token), Status::Revoked);
}

#[test]
fn refresh_token_of_a_confidential_client_stays() {
    let deployment = Deployment::new();
    let client = deployment.app("app-1", ClientType::Confidential);
    let (_, issued) = deployment.authorize(&client);
    let token = issued.refresh.unwrap().secret;
    for _ in 0..2 {
        assert_eq!(deployment.refresh(&client, &token).unwrap().refresh, None);
    }
}

#[test]
fn client_with_a_wrong_secret_is_rejected() {
    let deployment = Deployment::new();
    let client = deployment.app("app-1", ClientType::Confidential);
    let (code, issued) = deployment.authorize(&client);
    let other = ClientCredentials { secret: None, ..client };
    assert_eq!(refusal(deployment.exchange(&other, &code)), DecisionError::ClientInvalid);
    // The code was not touched: nothing is revoked.
    assert_eq!(deployment.status(&issued.access_token), Status::Valid);
}

#[test]
fn introspection_shows_live_tokens_only() {
    let deployment = Deployment::new();
    let client = deployment.app("app-1", ClientType::Confidential);
    let (_, issued) = deployment.authorize(&client);
    let token = deployment.open(&issued.access_token);
    let introspect = |client: &ClientCredentials| {
        let cx = deployment.by(Caller::Client(client.clone()));
        deployment.run(oauth::introspect(&cx, &token)).unwrap().is_some()
    };
    assert!(introspect(&client));
    // Another app learns nothing.
    assert!(!introspect(&deployment.app("app-2", ClientType::Confidential)));
    deployment.run(oauth::revoke(&deployment.by(Caller::Client(client.clone())), &token)).unwrap();
    deployment.calls();
    assert!(!introspect(&client));
    assert_eq!(deployment.calls(), 0);
}

#[test]
fn introspection_writes_the_record_of_a_dead_token() {
    let deployment = Deployment::new();
    let client = deployment.app("app-1", ClientType::Confidential);
    let (_, issued) = deployment.authorize(&client);
    let token = deployment.open(&issued.access_token);
    // The connection ends, and with it the token.
    deployment.run(oauth::revoke_connection(&deployment.holder(), &token)).unwrap();
    let _ = deployment.platform.records.take_writes();
    let cx = deployment.by(Caller::Client(client));
    assert_eq!(deployment.run(oauth::introspect(&cx, &token)), Ok(None));
    assert_eq!(deployment.platform.records.take_writes(), 1);
}

#[test]
fn link_that_is_approved_twice_from_one_page_gets_the_same_code() {
    let deployment = Deployment::new();
    let client = deployment.app("app-1", ClientType::Public);
    let link = deployment.link(&deployment.user("user-1"), &client.app_id);
    let state = deployment.run(link_page::view(&deployment.holder(), &deployment.open(&link))).unwrap();
    assert_eq!(state.verdict.status(), Status::Valid);
    assert_eq!(state.page.len(), 36);
    let page = || Some(AnsweredPage { id: state.page.clone(), app_id: Some(client.app_id.clone()) });
    let first = deployment.answer(&link, Consent::Approve, page()).unwrap();
    assert_eq!(deployment.answer(&link, Consent::Approve, page()), Ok(first));
    // Another page of the same link is too late.
    let refused = refusal(deployment.answer(&link, Consent::Approve, None));
    assert!(matches!(refused, DecisionError::TokenNotActive(_)));
}

#[test]
fn declined_link_returns_to_the_app() {
    let deployment = Deployment::new();
    let client = deployment.app("app-1", ClientType::Public);
    let link = deployment.link(&deployment.user("user-1"), &client.app_id);
    match deployment.answer(&link, Consent::Decline, None).unwrap() {
        LinkPageResult::Declined { redirect_uri, .. } => assert_eq!(redirect_uri.as_deref(), Some(REDIRECT_URI)),
        other => panic!("not declined: {other:?}"),
    }
    assert_eq!(deployment.status(&link), Status::Revoked);
}
