//! `/v1/status-tickets` and `/v1/status`: the status of a token or connection for browsers.

use serde::{Deserialize, Serialize};

use super::BEARER;
use crate::core::rfc3339::Rfc3339;
use crate::core::status_message::StatusMessage;
use crate::core::ticket::{TTL, TTL_MAX, TTL_MIN};
use crate::core::{ConnectionRef, NamedToken, Ticket};
use crate::dialects::extract::{IfNoneMatch, JsonBody, Query, WebSocketUpgrade, read_query};
use crate::dialects::field::Field;
use crate::dialects::field_types::Whole;
use crate::dialects::operation::{IN_PARAMETERS, Operation, Security, SecurityPlace, Tag};
use crate::dialects::problem_types::{
    CONNECTION_NOT_FOUND, FORBIDDEN, ORIGIN_NOT_ALLOWED, TICKET_EXPIRED, TICKET_INVALID, TICKET_MISSING,
    TOKEN_NOT_FOUND, UPGRADE_REQUIRED,
};
use crate::dialects::request::HttpRequest;
use crate::dialects::respond::{CreatedBody, Respond};
use crate::dialects::response::HttpResponse;
use crate::dialects::route::Route;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::status::{self, NamedSubject, ShownStatus, SignedTicket};
use crate::operations::{ApiError, Caller, Config, Context, Credentials};

const TICKET: Security = Security {
    name: "ticket",
    place: SecurityPlace::Bearer,
    description: "A status ticket: `hst_` and 90 hex digits.",
};

const BASE: Operation = Operation {
    tag: Tag {
        name: "Status",
        description: "The status of one connection or token for browsers, which have a status ticket instead of a key.",
    },
    security: &[BEARER],
    ..Operation::UNDOCUMENTED
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/status-tickets", create).operation(|| Operation {
            id: "mintStatusTicket",
            summary: "Create a status ticket",
            description: "Creates a ticket with which a browser reads and follows the status of one connection or token, and \
                nothing else. Nothing is stored: a ticket cannot be revoked, so keep its validity short.",
            problems: &[&FORBIDDEN, &CONNECTION_NOT_FOUND, &TOKEN_NOT_FOUND],
            ..BASE
        }),
        Route::get("/v1/status", show).credentials(ticket).cors().operation(|| Operation {
            id: "getStatus",
            summary: "Read a status",
            description: "Returns what the ticket shows. Pages of the origins in `CORS_ORIGINS` may call it.",
            security: &[TICKET, IN_PARAMETERS],
            problems: &[&TICKET_MISSING, &TICKET_INVALID, &TICKET_EXPIRED, &CONNECTION_NOT_FOUND, &TOKEN_NOT_FOUND],
            ..BASE
        }),
        Route::get("/v1/status/live", follow).credentials(ticket).cors().operation(|| Operation {
            id: "followStatus",
            summary: "Follow a status",
            description: "Opens a WebSocket that sends the status now and after every change, until the ticket expires.",
            security: &[TICKET, IN_PARAMETERS],
            problems: &[
                &TICKET_MISSING,
                &TICKET_INVALID,
                &TICKET_EXPIRED,
                &ORIGIN_NOT_ALLOWED,
                &CONNECTION_NOT_FOUND,
                &TOKEN_NOT_FOUND,
                &UPGRADE_REQUIRED,
            ],
            ..BASE
        }),
    ]
}

/// A status ticket to create: for exactly one of `connection_id` and `token_id`.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct CreateStatusTicketRequest {
    /// The connection to read.
    #[serde(default)]
    connection_id: Field<String>,
    /// The public id of the token to read.
    #[serde(default)]
    token_id: Field<String>,
    /// The validity in seconds. The default is an hour.
    #[serde(default)]
    ttl: Field<Whole<TTL_MIN, TTL_MAX>>,
}

/// The subject of a ticket to create.
enum SubjectName {
    Connection(String),
    Token(String),
}

impl Validate for CreateStatusTicketRequest {
    type Valid = (SubjectName, u32);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        if self.connection_id.is_present() && self.token_id.is_present() {
            check.fail("token_id", "must be left out if connection_id is given");
        } else if !self.connection_id.is_present() && !self.token_id.is_present() {
            check.fail("connection_id", "is required unless token_id is given");
        }
        let connection = check.optional("connection_id", self.connection_id).map(SubjectName::Connection);
        let token = check.optional("token_id", self.token_id).map(SubjectName::Token);
        let ttl = check.optional("ttl", self.ttl).map_or(TTL, |Whole(seconds)| seconds);
        Some((connection.or(token)?, ttl))
    }
}

/// A status ticket.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "StatusTicket"))]
struct StatusTicketResponse {
    /// The ticket: `hst_` and 90 hex digits. It is a secret.
    ticket: String,
    /// When the ticket expires.
    expires_at: Rfc3339,
    /// `connection` or `token`.
    subject: &'static str,
    /// The public id of the subject.
    id: String,
}

async fn create(
    cx: &Context<'_>,
    JsonBody((subject, ttl)): JsonBody<CreateStatusTicketRequest>,
) -> Result<CreatedBody<StatusTicketResponse>, ApiError> {
    let keyring = &cx.config.keyring;
    let subject = match subject {
        SubjectName::Connection(id) => NamedSubject::Connection(ConnectionRef::of(keyring.open(&id))),
        SubjectName::Token(id) => NamedSubject::Token(NamedToken::of(keyring.open(&id)).by_public_id()),
    };
    let SignedTicket { ticket, text } = status::create_ticket(cx, subject, ttl).await?;
    Ok(CreatedBody(StatusTicketResponse {
        ticket: text,
        expires_at: Rfc3339(ticket.expires_at),
        subject: ticket.subject.kind(),
        id: ticket.subject.id().to_owned(),
    }))
}

/// The ticket, unless it is sent as a bearer.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct TicketQuery {
    /// The ticket. A browser sends it here, because it cannot add headers to a WebSocket. Others send it as
    /// `Authorization: Bearer`.
    #[serde(default)]
    ticket: Field<String>,
}

impl Validate for TicketQuery {
    type Valid = Option<String>;

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        Some(check.optional("ticket", self.ticket))
    }
}

/// The ticket in the query or in the `Authorization` header.
fn ticket(request: &HttpRequest<'_>, config: &Config) -> Result<Credentials, ApiError> {
    let in_query = match read_query::<TicketQuery>(request)?.ticket {
        Field::Valid(ticket) => Some(ticket),
        Field::Absent | Field::Invalid(_) => None,
    };
    let text = in_query.or_else(|| request.bearer()).ok_or(ApiError::TicketMissing)?;
    config.keyring.open_ticket(&text).map(Credentials::Ticket).map_err(|_| ApiError::TicketInvalid)
}

/// The status that a ticket shows, with its entity tag.
struct TaggedStatus {
    /// The status; `None` if the caller has it already.
    status: Option<StatusMessage>,
    tag: String,
}

impl Respond for TaggedStatus {
    fn respond(self) -> HttpResponse {
        let response = match &self.status {
            Some(status) => HttpResponse::json(200, status),
            None => HttpResponse::empty(304),
        };
        response.with("etag", format!("\"{}\"", self.tag))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut crate::dialects::describe::Spec<'_>) {
        spec.response::<StatusMessage>(200, "The status.");
        spec.empty_response(304, "The status has not changed since the response with this entity tag.");
        for status in [200, 304] {
            spec.response_header(status, "ETag", "The entity tag of the status. It changes with the status.");
        }
    }
}

async fn show(
    cx: &Context<'_>,
    Query(_): Query<TicketQuery>,
    IfNoneMatch(known): IfNoneMatch,
) -> Result<TaggedStatus, ApiError> {
    let Caller::Ticket(ticket) = &cx.caller else {
        return Err(ApiError::TicketMissing);
    };
    let ShownStatus { view, tag, is_known } = status::show(cx, known.as_deref()).await?;
    let status = (!is_known).then(|| StatusMessage::of(view, ticket.expires_at));
    Ok(TaggedStatus { status, tag })
}

/// The WebSocket that the caller's ticket permits.
struct StatusSubscription(Ticket);

impl Respond for StatusSubscription {
    fn respond(self) -> HttpResponse {
        HttpResponse::subscription(self.0)
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut crate::dialects::describe::Spec<'_>) {
        spec.empty_response(101, "The WebSocket is open. Each message is a `Status`.");
    }
}

async fn follow(
    cx: &Context<'_>,
    Query(_): Query<TicketQuery>,
    _: WebSocketUpgrade,
) -> Result<StatusSubscription, ApiError> {
    status::follow(cx).map(StatusSubscription)
}
