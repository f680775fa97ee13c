//! What is packed of providers, of revocations there, and of webhooks.

use hookswitch::core::command::{Action, RevocationAction};
use hookswitch::core::connection::{Connection, ConnectionStatus};
use hookswitch::core::credential::{Credential, CredentialState, Deposit, Deposits};
use hookswitch::core::event::EventType;
use hookswitch::core::ids::Slug;
use hookswitch::core::operator::{EndpointOrder, OperatorCommand, OperatorOutcome};
use hookswitch::core::order::Page;
use hookswitch::core::provider::{Auth, Body, Method, Revocation as Shape, Stored};
use hookswitch::core::refusal::Thing;
use hookswitch::core::revocation::{Reply, Report, Revocation};
use hookswitch::core::verdict::ConnectionVerdict;
use hookswitch::core::webhook::{Delivery, Endpoint};
use hookswitch::core::{Command, Outcome, Provider, Refusal, Sealed, TokenType};

use crate::kit::{self, app_id, connection, connection_id, second, user_id};

fn slug() -> Slug {
    Slug::stored("acme".to_owned())
}

fn sealed() -> Sealed {
    Sealed::stored("s1".to_owned())
}

fn deposits() -> Deposits {
    let deposit = |token_type, expires_at| Deposit { token_type, sealed: sealed(), expires_at };
    let tokens = vec![deposit(TokenType::RefreshToken, None), deposit(TokenType::AccessToken, Some(second(60)))];
    Deposits { provider: Some(slug()), tokens }
}

fn credential() -> Credential {
    Credential {
        state: CredentialState::Revoking,
        expires_at: Some(second(60)),
        attempts: 2,
        due_at: Some(second(30)),
        changed_at: second(1),
        error: Some("e".to_owned()),
        ..kit::credential(300, connection_id(1), TokenType::AccessToken)
    }
}

fn revoking() -> ConnectionVerdict {
    let above = Connection { provider: Some(slug()), deleted: true, ..connection(1, ConnectionStatus::Revoking) };
    ConnectionVerdict::of(&user_id("u"), &above, &[credential()], &[], second(3))
}

fn revocation() -> Revocation {
    Revocation::of(&user_id("u"), &revoking().connection, &credential())
}

fn provider() -> Provider {
    let revocation = Shape {
        method: Method::Delete,
        url: "https://a.example/".to_owned(),
        auth: Auth::Bearer,
        body: Body::Json,
        parameter: "token".to_owned(),
        tokens: vec![TokenType::AccessToken, TokenType::RefreshToken],
        gone: vec!["invalid_token".to_owned()],
        gone_statuses: vec![404],
    };
    let client_id = Some("id".to_owned());
    Provider { slug: slug(), name: "Acme".to_owned(), revocation: Some(revocation), client_id }
}

fn stored() -> Stored {
    let client_secret = Some(sealed());
    Stored { provider: provider(), client_secret, created_at: second(0), updated_at: second(1) }
}

fn endpoint() -> Endpoint {
    Endpoint {
        name: slug(),
        url: "https://a.example/".to_owned(),
        events: vec![EventType::RevocationAbandoned],
        secret: sealed(),
        previous_secret: Some((sealed(), second(60))),
        disabled: Some((second(1), "why".to_owned())),
        created_at: second(0),
        updated_at: second(1),
    }
}

fn delivery() -> Delivery {
    Delivery {
        endpoint: slug(),
        event_id: "evt_1".to_owned(),
        event_type: "user.created".to_owned(),
        at: second(1),
        attempt: 1,
        status: Some(500),
        error: Some("e".to_owned()),
        next_at: Some(second(6)),
    }
}

pub(super) fn commands() -> Vec<Command> {
    let page = Page { before: Some(300), limit: 50 };
    let order = EndpointOrder {
        name: slug(),
        url: "https://a.example/".to_owned(),
        events: vec![EventType::ConnectionRevoking],
        disabled: true,
        secret: sealed(),
        replaces: true,
    };
    let mut commands = vec![
        Command::Connect {
            user_id: user_id("u"),
            app_id: app_id("crm"),
            scope: None,
            metadata: None,
            upstream: Some(deposits()),
        },
        Command::OfConnection(connection_id(1), Action::Disable(None)),
        Command::OfConnection(connection_id(1), Action::RevokeActive(Some("why".to_owned()))),
        Command::OfConnection(connection_id(1), Action::Delete { revoke: true }),
        Command::OfConnection(connection_id(1), Action::Hold(deposits())),
        Command::OfRevocation(300, RevocationAction::Dismiss),
    ];
    let of_operator = [
        OperatorCommand::PutProvider(provider(), Some(sealed())),
        OperatorCommand::GetProvider(slug()),
        OperatorCommand::ListProviders,
        OperatorCommand::DeleteProvider(slug()),
        OperatorCommand::PutEndpoint(order),
        OperatorCommand::RotateSecret(slug(), sealed(), 300),
        OperatorCommand::GetEndpoint(slug()),
        OperatorCommand::ListEndpoints,
        OperatorCommand::DeleteEndpoint(slug()),
        OperatorCommand::ListDeliveries(slug(), page),
        OperatorCommand::ListAbandoned(page),
    ];
    commands.extend(of_operator.map(Command::OfOperator));
    commands
}

pub(super) fn outcomes() -> Vec<Outcome> {
    let mut outcomes = vec![Outcome::Revocation(revocation(), revoking())];
    let of_operator = [
        OperatorOutcome::Provider(Some(stored()), true),
        OperatorOutcome::Providers(vec![stored()]),
        OperatorOutcome::Deleted,
        OperatorOutcome::Endpoint(endpoint(), false),
        OperatorOutcome::EndpointWithSecret(endpoint(), true),
        OperatorOutcome::Endpoints(vec![endpoint()]),
        OperatorOutcome::Deliveries(vec![delivery()], Some(300)),
        OperatorOutcome::Abandoned(vec![revocation()], None),
    ];
    outcomes.extend(of_operator.map(Outcome::Operator));
    outcomes
}

pub(super) fn refusals() -> Vec<Refusal> {
    vec![
        Refusal::ProviderMissing,
        Refusal::RevocationUnsupported,
        Refusal::RevocationUnknown,
        Refusal::RevocationIs(CredentialState::Dismissed),
        Refusal::NotThere(Thing::Webhook),
        Refusal::TooManyEndpoints,
        Refusal::ProviderDiffers,
    ]
}

pub(super) fn reports() -> Vec<Report> {
    let replies = [
        Reply::Revoked,
        Reply::Gone,
        Reply::Unsupported,
        Reply::Retry(Some(300), "e".to_owned()),
        Reply::Refused("e".to_owned()),
    ];
    replies.map(|reply| Report { seq: 300, attempts: 2, reply }).to_vec()
}
