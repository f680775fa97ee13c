//! Replies of ledgers to commands that they accept.

use hookswitch::core::Actor;
use hookswitch::core::cutoff::Counts;
use hookswitch::core::decide::apps::{AppPut, FetchApp, GetApp, PutApp, RotateClientSecret, SecretEffect};
use hookswitch::core::decide::connections::{
    ConnectedApp, ConnectionChanged, CreateConnection, IssueTokens, Issued, ListConnectedApps, RevokeConnectedApp,
    RevokeConnection,
};
use hookswitch::core::decide::external_ids::{ClaimExternalId, ConfirmClaim, Confirmation, GetHolder};
use hookswitch::core::decide::grants::{ExchangeCode, Granted, IntrospectToken, RevokeGrantToken};
use hookswitch::core::decide::keys::{AuthenticateKey, AuthenticatedKey};
use hookswitch::core::decide::link::{ApproveLink, DeclineLink, LinkApproved};
use hookswitch::core::decide::operator::{
    ApproveProvider, DeleteProvider, GetProvider, GetProviderVersions, GetWebhook, ListAbandoned, ListDeliveries,
    ListProviderEvents, ListProviders, ListWebhooks, PutProvider, PutWebhook, WebhookPut,
};
use hookswitch::core::decide::revocations::{ManageRevocation, RecordAttempts, RevocationResult};
use hookswitch::core::decide::statuses::ShowStatus;
use hookswitch::core::decide::tokens::{
    CheckTokens, Checked, ConsumeToken, Consumed, MintToken, RevokeToken, TokenRevoked,
};
use hookswitch::core::decide::users::{
    GetUser, ListConnections, ListEvents, ListTokens, PutUser, RevokeUser, UserRevoked,
};
use hookswitch::core::decide::{Put, PutEffect};
use hookswitch::core::params::{Cursor, Page};
use hookswitch::core::provider::{ProviderEvent, ProviderEventType, ProviderVersions};
use hookswitch::core::ticket_view::TicketView;
use hookswitch::core::{ConnectionStatus, Reply, Status, TokenKind, TokenState};

use super::Lines;
use super::values::{
    app, connection_verdict, dead, delivery, endpoint, minted, owner, pending, principals, recorded_event, revocation,
    sealed, stored_provider, valid, verdict,
};
use crate::kit::slug;
use crate::kit::{app_id, scope, second, user_id};

/// A page with one item.
fn page<T>(item: T) -> Page<T> {
    Page { items: vec![item], next: Some(Cursor(300)) }
}

fn revoked() -> TokenRevoked {
    TokenRevoked { previous: Status::Valid, verdict: dead() }
}

fn changed() -> ConnectionChanged {
    let (previous, verdict) = (ConnectionStatus::Active, connection_verdict());
    ConnectionChanged { previous, verdict, pending: vec![pending()] }
}

fn consumed() -> Consumed {
    Consumed { verdict: dead(), user: owner(), connection: Some(connection_verdict()) }
}

fn issued() -> Issued {
    Issued { access: valid(), refresh: Some(verdict(TokenState::Inactive)) }
}

#[test]
fn user_outcome_json_format_unchanged() {
    let mut lines = Lines::default();
    for effect in [PutEffect::Created, PutEffect::Kept] {
        lines.add_outcome::<PutUser>(Put { value: owner(), effect });
    }
    lines.add_outcome::<GetUser>(owner());
    let mut counts = Counts { connection: 2, ..Counts::default() };
    counts.add(TokenKind::ConnectionToken, 300);
    counts.add(TokenKind::ApiKey, 1);
    lines.add_outcome::<RevokeUser>(UserRevoked {
        user: owner(),
        before: second(1),
        revoked: counts,
        dry_run: true,
        at: second(2),
    });
    lines.add_outcome::<ListTokens>(page(dead()));
    lines.add_outcome::<ListEvents>(page(recorded_event()));
    lines.add_outcome::<ListConnections>(page(connection_verdict()));
    lines.add("replayed mint_token", &Reply { outcome: Ok(valid()), replayed: Some(minted()) });
    lines.add_outcome::<MintToken>(valid());
    lines.add_outcome::<CheckTokens>(Checked { verdicts: vec![None, Some(dead())], as_of: second(3) });
    lines.add_outcome::<ConsumeToken>(consumed());
    lines.add_outcome::<RevokeToken>(revoked());
    let [_, (_, principal), ..] = principals();
    lines.add_outcome::<AuthenticateKey>(Some(AuthenticatedKey { principal, expires_at: Some(second(60)) }));
    lines.add_outcome::<AuthenticateKey>(None);
    lines.add_outcome::<ShowStatus>(Some(TicketView::of_token(&dead())));
    lines.add_outcome::<ShowStatus>(Some(TicketView::of_connection(&connection_verdict())));
    lines.assert_unchanged("user_outcomes");
}

#[test]
fn connection_outcome_json_format_unchanged() {
    let mut lines = Lines::default();
    lines.add_outcome::<CreateConnection>(connection_verdict());
    lines.add_outcome::<RevokeConnection>(changed());
    lines.add_outcome::<IssueTokens>(issued());
    let connected = ConnectedApp { app_id: app_id("crm"), scope: Some(scope("read")) };
    lines.add_outcome::<ListConnectedApps>(vec![connected]);
    lines.add_outcome::<RevokeConnectedApp>(());
    lines.add_outcome::<ExchangeCode>(Granted::Issued(Box::new(issued())));
    lines.add_outcome::<ExchangeCode>(Granted::Replayed(Box::new(dead())));
    lines.add_outcome::<IntrospectToken>(Some(valid()));
    lines.add_outcome::<RevokeGrantToken>(Some(revoked()));
    lines.add_outcome::<RevokeGrantToken>(None);
    lines.add_outcome::<ApproveLink>(LinkApproved::Consumed(Box::new(consumed())));
    lines.add_outcome::<ApproveLink>(LinkApproved::Code(Box::new(valid())));
    lines.add_outcome::<DeclineLink>(revoked());
    let (revocation, connection, pending) = (revocation(), connection_verdict(), vec![pending()]);
    lines.add_outcome::<ManageRevocation>(RevocationResult { revocation, connection, pending });
    lines.add_outcome::<RecordAttempts>(Some(connection_verdict()));
    lines.assert_unchanged("connection_outcomes");
}

#[test]
fn registry_outcome_json_format_unchanged() {
    let mut lines = Lines::default();
    for secret in SecretEffect::ALL {
        lines.add_outcome::<PutApp>(AppPut { app: app(), effect: PutEffect::Created, secret: *secret });
    }
    let rotated = AppPut { app: app(), effect: PutEffect::Kept, secret: SecretEffect::Created };
    lines.add_outcome::<RotateClientSecret>(rotated);
    lines.add_outcome::<GetApp>(app());
    lines.add_outcome::<FetchApp>(Some(app()));
    lines.add_outcome::<GetHolder>(Some(user_id("u")));
    lines.add_outcome::<ClaimExternalId>(user_id("u"));
    for confirmation in Confirmation::ALL {
        lines.add_outcome::<ConfirmClaim>(*confirmation);
    }
    lines.assert_unchanged("registry_outcomes");
}

#[test]
fn operator_outcome_json_format_unchanged() {
    let mut lines = Lines::default();
    lines.add_outcome::<PutProvider>(Put { value: stored_provider(), effect: PutEffect::Created });
    lines.add_outcome::<GetProvider>(Some(stored_provider()));
    let versions =
        ProviderVersions { slug: slug("acme"), shipped: None, current: Some(stored_provider()), earlier: Vec::new() };
    lines.add_outcome::<GetProviderVersions>(versions);
    lines.add_outcome::<ApproveProvider>(stored_provider());
    let event = ProviderEvent {
        event_type: ProviderEventType::Updated,
        slug: slug("acme"),
        at: second(1),
        actor: Actor::root(),
        host: Some("https://a.example".to_owned()),
        previous_host: None,
    };
    lines.add_outcome::<ListProviderEvents>(Page { items: vec![event], next: None });
    lines.add_outcome::<ListProviders>(vec![stored_provider()]);
    lines.add_outcome::<DeleteProvider>(());
    let effect = PutEffect::Created;
    lines.add_outcome::<PutWebhook>(WebhookPut { endpoint: endpoint(), effect, show_secret: Some(sealed()) });
    lines.add_outcome::<GetWebhook>(endpoint());
    lines.add_outcome::<ListWebhooks>(vec![endpoint()]);
    lines.add_outcome::<ListDeliveries>(page(delivery()));
    lines.add_outcome::<ListAbandoned>(page(revocation()));
    lines.assert_unchanged("operator_outcomes");
}
