//! Messages to ledgers.

use hookswitch::core::decide::apps::{FetchApp, GetApp, PutApp, RotateClientSecret};
use hookswitch::core::decide::connections::{
    AtProvider, CreateConnection, DeleteConnection, GetConnection, IssueTokens, ListConnectedApps,
    RevokeActiveConnection, RevokeConnectedApp, RevokeConnection, SetConnectionEnabled, StoreCredentials, Switch,
};
use hookswitch::core::decide::external_ids::{ClaimExternalId, ConfirmClaim, GetHolder};
use hookswitch::core::decide::grants::{
    ExchangeCode, IntrospectToken, RefreshTokens, RevokeConnectionOfToken, RevokeGrantToken,
};
use hookswitch::core::decide::keys::AuthenticateKey;
use hookswitch::core::decide::link::{ApproveLink, DeclineLink};
use hookswitch::core::decide::operator::AbandonedFilter;
use hookswitch::core::decide::operator::{
    ApproveProvider, DeleteProvider, DeleteWebhook, GetProvider, GetProviderVersions, GetWebhook, ListAbandoned,
    ListDeliveries, ListProviderEvents, ListProviders, ListWebhooks, PutProvider, PutWebhook, RecordDeliveries,
    RotateWebhookSecret, SigningSecret, Unsubscription, UpdateAbandoned, UseSignInCode,
};
use hookswitch::core::decide::reservations::{ReservationStep, ReserveUserId};
use hookswitch::core::decide::revocations::{ManageRevocation, RecordAttempts, RevocationAction};
use hookswitch::core::decide::statuses::{AuthorizeTicket, ShowStatus};
use hookswitch::core::decide::tokens::{CheckTokens, ConsumeToken, MintToken, RevokeToken};
use hookswitch::core::decide::users::{GetUser, ListConnections, ListEvents, ListTokens, PutUser, RevokeUser};
use hookswitch::core::event::EventType;
use hookswitch::core::revocation::{ProviderReply, RevocationAttempt};
use hookswitch::core::schedule::Schedule;
use hookswitch::core::ticket::TicketSubject;
use hookswitch::core::{Command, ConnectionStatus, Principal, Request, Status, TokenKind};

use super::Lines;
use super::values::{
    LIFETIMES, PAGE, delivery, digest, filter, full, metadata, mint_params, new_credentials, profile, provider, public,
    reason, registration, revocation, sealed, secret, url,
};
use crate::kit::{app_id, connection_id, scope, slug, token_id, user_id};

/// A request of root that has nothing beside its command.
fn plain<C: Command>(command: C) -> Request<C> {
    Request::plain(Principal::Root, command)
}

#[test]
fn user_message_json_format_unchanged() {
    let mut lines = Lines::default();
    let user_id = || user_id("u");
    let (page, app_id) = (PAGE, || Some(app_id("crm")));
    let (status, kind, event_type) = (Some(Status::Expired), Some(TokenKind::ApiKey), Some(EventType::TokenExpired));
    lines.add_request(&full(PutUser { user_id: user_id(), profile: profile() }));
    lines.add_request(&plain(GetUser { user_id: user_id() }));
    let step = ReservationStep::Claim;
    lines.add_request(&plain(ReserveUserId { user_id: user_id(), holder: user_id(), step }));
    lines.add_request(&plain(RevokeUser { user_id: user_id(), filter: filter(), dry_run: true }));
    lines.add_request(&plain(ListTokens { user_id: user_id(), page, status, kind }));
    lines.add_request(&plain(ListEvents { user_id: user_id(), page, event_type }));
    let status = Some(ConnectionStatus::Revoked);
    lines.add_request(&plain(ListConnections { user_id: user_id(), page, status, app_id: app_id() }));
    lines.add_request(&plain(MintToken { user_id: user_id(), params: mint_params() }));
    lines.add_request(&plain(CheckTokens { tokens: vec![secret(), public()] }));
    lines.add_request(&plain(ConsumeToken { token: secret() }));
    lines.add_request(&plain(RevokeToken { token: public(), reason: Some(reason()) }));
    lines.add_request(&plain(AuthenticateKey { key: public() }));
    let token = TicketSubject::Token(token_id(1));
    lines.add_request(&plain(ShowStatus { subject: token, token: Some(public()) }));
    let connection = TicketSubject::Connection(connection_id(1));
    lines.add_request(&plain(ShowStatus { subject: connection.clone(), token: None }));
    lines.add_request(&plain(AuthorizeTicket { subject: connection, token: None }));
    lines.assert_unchanged("user_messages");
}

#[test]
fn connection_message_json_format_unchanged() {
    let mut lines = Lines::default();
    let (user_id, app_id, id) = (|| user_id("u"), || app_id("crm"), || connection_id(1));
    let scope = || Some(scope("read"));
    lines.add_request(&plain(CreateConnection {
        user_id: user_id(),
        app_id: app_id(),
        scope: scope(),
        metadata: Some(metadata()),
        upstream: Some(new_credentials()),
    }));
    lines.add_request(&plain(GetConnection { id: id() }));
    for switch in Switch::ALL {
        lines.add_request(&plain(SetConnectionEnabled { id: id(), switch: *switch, reason: Some(reason()) }));
    }
    lines.add_request(&plain(RevokeConnection { id: id(), reason: Some(reason()) }));
    let provider = Some(provider());
    lines.add_request(&plain(RevokeActiveConnection { id: id(), reason: Some(reason()), provider }));
    for at_provider in AtProvider::ALL {
        lines.add_request(&plain(DeleteConnection { id: id(), at_provider: *at_provider }));
    }
    lines.add_request(&plain(StoreCredentials { id: id(), credentials: new_credentials() }));
    lines.add_request(&plain(IssueTokens { id: id(), scope: scope(), lifetimes: LIFETIMES }));
    lines.add_request(&plain(ListConnectedApps { user_id: user_id() }));
    lines.add_request(&plain(RevokeConnectedApp { user_id: user_id(), app_id: app_id() }));
    lines.add_request(&plain(ExchangeCode {
        code: secret(),
        redirect_uri: Some(url()),
        code_challenge: Some(digest()),
        lifetimes: LIFETIMES,
    }));
    lines.add_request(&plain(RefreshTokens { token: secret(), scope: scope(), lifetimes: LIFETIMES }));
    lines.add_request(&plain(IntrospectToken { token: secret() }));
    lines.add_request(&plain(RevokeGrantToken { token: secret() }));
    lines.add_request(&plain(RevokeConnectionOfToken { token: secret() }));
    lines.add_request(&plain(ApproveLink { token: secret(), app_id: Some(app_id()) }));
    lines.add_request(&plain(DeclineLink { token: secret(), app_id: Some(app_id()) }));
    for action in RevocationAction::ALL {
        lines.add_request(&plain(ManageRevocation { seq: 300, action: *action }));
    }
    let error = || "e".to_owned();
    let replies = [
        ProviderReply::Revoked,
        ProviderReply::Gone,
        ProviderReply::Unsupported,
        ProviderReply::Retry { after: Some(300), error: error() },
        ProviderReply::Refused { error: error() },
    ];
    let attempts = replies.map(|reply| RevocationAttempt { seq: 300, attempts: 2, reply }).to_vec();
    let schedule = Schedule { base: 10_000, jitter: 255 };
    lines.add_request(&plain(RecordAttempts { connection_id: id(), attempts, schedule }));
    lines.assert_unchanged("connection_messages");
}

#[test]
fn registry_message_json_format_unchanged() {
    let mut lines = Lines::default();
    let app_id = || app_id("crm");
    lines.add_request(&full(PutApp { app_id: app_id(), registration: registration() }));
    lines.add_request(&plain(GetApp { app_id: app_id() }));
    lines.add_request(&plain(RotateClientSecret { app_id: app_id(), previous_ttl: 300 }));
    lines.add_request(&plain(FetchApp { app_id: app_id() }));
    lines.add_request(&plain(GetHolder {}));
    lines.add_request(&plain(ClaimExternalId { user_id: user_id("u"), instead_of: Some(user_id("v")) }));
    lines.add_request(&plain(ConfirmClaim { user_id: user_id("u") }));
    lines.assert_unchanged("registry_messages");
}

#[test]
fn operator_message_json_format_unchanged() {
    let mut lines = Lines::default();
    let name = || slug("hook");
    lines.add_request(&full(PutProvider { provider: provider(), client_secret: Some(sealed()), shipped: None }));
    lines.add_request(&plain(GetProvider { slug: slug("acme") }));
    lines.add_request(&plain(GetProviderVersions { slug: slug("acme") }));
    lines.add_request(&plain(ApproveProvider { slug: slug("acme") }));
    lines.add_request(&plain(ListProviderEvents { slug: slug("acme"), page: PAGE }));
    lines.add_request(&plain(ListProviders {}));
    lines.add_request(&plain(DeleteProvider { slug: slug("acme"), shipped: None }));
    for secret in [SigningSecret::Provided(sealed()), SigningSecret::Fresh(sealed())] {
        let events = vec![EventType::UserCreated];
        lines.add_request(&plain(PutWebhook { name: name(), url: url(), events, disabled: true, secret }));
    }
    lines.add_request(&plain(RotateWebhookSecret { name: name(), secret: sealed(), previous_ttl: 300 }));
    lines.add_request(&plain(GetWebhook { name: name() }));
    lines.add_request(&plain(ListWebhooks {}));
    lines.add_request(&plain(DeleteWebhook { name: name() }));
    lines.add_request(&plain(ListDeliveries { name: name(), page: PAGE }));
    lines.add_request(&plain(ListAbandoned { filter: AbandonedFilter::default(), page: PAGE }));
    let unsubscriptions = vec![Unsubscription { endpoint: name(), reason: reason() }];
    lines.add_request(&plain(RecordDeliveries { deliveries: vec![delivery()], unsubscriptions }));
    lines.add_request(&plain(UpdateAbandoned::List(Box::new(revocation()))));
    lines.add_request(&plain(UpdateAbandoned::Unlist("rev_1".to_owned())));
    lines.add_request(&plain(UseSignInCode { code: digest(), expires_at: crate::kit::second(1) }));
    lines.assert_unchanged("operator_messages");
}
