//! What each failure means: a status, a stable code, a title, and a sentence. A dialect that has no words of its own for
//! a failure takes these.

use super::failure::{UNAVAILABLE_RETRY_AFTER, misconfigured};
use super::{Failure, Reply};
use crate::core::refusal::Thing;
use crate::core::{ConnectionStatus, Refusal, Status};

/// What a failure is called, and what it means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The HTTP status.
    pub status: u16,
    /// The code, which never changes.
    pub code: &'static str,
    /// The code in words.
    pub title: &'static str,
    /// What it means for the caller.
    pub meaning: &'static str,
}

/// A [`Meaning`], member for member.
type Row = &'static (u16, &'static str, &'static str, &'static str);

impl Failure {
    /// What the failure means.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        let &(status, code, title, meaning) = self.row();
        // Those of RFC 6749 bring their own.
        let code = if let Self::Unsupported(code) = self { code } else { code };
        Meaning { status, code, title, meaning }
    }

    fn row(&self) -> Row {
        match self {
            Self::Refused(refusal) => refused(refusal),
            Self::Invalid(_) => {
                &(400, "invalid_request", "Invalid request", "A part of the request is not as it has to be.")
            }
            Self::NotJson { .. } => &(400, "invalid_json", "Invalid JSON", "The body is not JSON."),
            Self::Unsupported(_) => &(400, "unsupported", "Unsupported", "The call does not do that."),
            Self::MediaType => {
                &(415, "unsupported_media_type", "Unsupported media type", "The call does not take such a body.")
            }
            Self::TooLarge => &(413, "payload_too_large", "Payload too large", "A body is at most 65536 bytes long."),
            Self::KeyMissing => &(401, "unauthenticated", "Unauthenticated", "No key came with the request."),
            Self::KeyInvalid => &(
                401,
                "unauthenticated",
                "Unauthenticated",
                "The key is unknown, revoked, expired or none that opens this.",
            ),
            Self::TicketMissing => {
                &(401, "ticket_missing", "Ticket missing", "Send a status ticket as ?ticket= or Authorization: Bearer.")
            }
            Self::TicketInvalid => {
                &(401, "ticket_invalid", "Ticket invalid", "The status ticket is none that this deployment signed.")
            }
            Self::TicketExpired => &(401, "ticket_expired", "Ticket expired", "The status ticket has ended."),
            Self::NoUpgrade => {
                &(426, "upgrade_required", "Upgrade required", "The call is a WebSocket: send Upgrade: websocket.")
            }
            Self::OriginRefused => {
                &(403, "origin_not_allowed", "Origin not allowed", "CORS_ORIGINS does not name the page's origin.")
            }
            Self::RateLimited { .. } => {
                &(429, "rate_limited", "Too many requests", "The rate limit of this principal is used up; retry later.")
            }
            Self::NotFound => {
                &(404, "not_found", "Not found", "There is nothing at this path; /openapi.json lists the calls.")
            }
            Self::MethodNotAllowed { .. } => &(
                405,
                "method_not_allowed",
                "Method not allowed",
                "The path has other methods; the Allow header lists them.",
            ),
            Self::Misconfigured(_) => &(503, "misconfigured", "Misconfigured", "The deployment lacks a secret."),
            Self::Unavailable => &(
                503,
                "unavailable",
                "Unavailable",
                "The ledger did not answer. Retry, with the same Idempotency-Key where there is one.",
            ),
            Self::Internal(_) => {
                &(500, "internal", "Internal error", "A defect of the service; the request id finds it in the log.")
            }
        }
    }

    /// The failure in a sentence, for the caller.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::Invalid(invalid) => format!("{} {}.", invalid.field, invalid.problem),
            Self::NotJson { line, column } => format!("The body is not JSON: line {line}, column {column}."),
            Self::Misconfigured(wrong) => misconfigured(wrong),
            _ => self.meaning().meaning.to_owned(),
        }
    }

    /// The answer with the headers that such a failure has in every dialect.
    #[must_use]
    pub fn on(&self, reply: Reply) -> Reply {
        match self {
            Self::RateLimited { retry_after } => reply.with("retry-after", retry_after),
            Self::Unavailable | Self::Misconfigured(_) => reply.with("retry-after", UNAVAILABLE_RETRY_AFTER),
            Self::MethodNotAllowed { allow } => reply.with("allow", allow),
            Self::NoUpgrade => reply.with("upgrade", "websocket"),
            _ => reply,
        }
    }
}

fn refused(refusal: &Refusal) -> Row {
    match refusal {
        Refusal::Forbidden => &(403, "forbidden", "Forbidden", "The key's owner may not do this."),
        Refusal::NotConnectable => {
            &(403, "user_not_connectable", "User not connectable", "The user was set to get no connection tokens.")
        }
        Refusal::UserUnknown => &(404, "user_not_found", "User not found", "There is no such user."),
        Refusal::TokenUnknown => {
            &(404, "token_not_found", "Token not found", "There is no such token, or not any more.")
        }
        Refusal::ConnectionUnknown => {
            &(404, "connection_not_found", "Connection not found", "There is no such connection, or not any more.")
        }
        Refusal::AppUnknown => &(404, "app_not_found", "App not found", "There is no such app."),
        Refusal::Dead(verdict) => match verdict.status() {
            Status::Consumed => &(409, "token_consumed", "Token consumed", "The token was used before."),
            Status::Revoked => &(409, "token_revoked", "Token revoked", "The token was revoked."),
            _ => &(409, "token_expired", "Token expired", "The token ran out."),
        },
        Refusal::ConnectionIs(verdict) => connection_is(verdict.status()),
        Refusal::NotAConnectionToken => &(
            400,
            "not_a_connection_token",
            "Not a connection token",
            "Only a connection token (hct_…) can be consumed.",
        ),
        Refusal::IdempotencyConflict => &(
            409,
            "idempotency_conflict",
            "Idempotency key used before",
            "The same Idempotency-Key came with another request.",
        ),
        Refusal::TtlOutOfRange => &(400, "invalid_request", "Invalid request", "ttl must be from 1 to 86400."),
        Refusal::BeforeInFuture => &(400, "invalid_request", "Invalid request", "before must not lie in the future."),
        Refusal::ScopeTooWide => {
            &(400, "invalid_scope", "Invalid scope", "scope asks for more than the app may have, or was granted.")
        }
        Refusal::RedirectUriUnregistered => &(
            400,
            "redirect_uri_not_registered",
            "Redirect URI not registered",
            "redirect_uri must be one that the app has registered, to the letter.",
        ),
        Refusal::RedirectUriMismatch => {
            &(400, "invalid_grant", "Invalid grant", "redirect_uri is not the one that the code was minted for.")
        }
        Refusal::VerifierMismatch => &(
            400,
            "invalid_grant",
            "Invalid grant",
            "code_verifier does not answer to the code's challenge, or one of the two is missing.",
        ),
        Refusal::TokenOfAnother => &(400, "invalid_grant", "Invalid grant", "The token was issued to another client."),
        Refusal::ClientInvalid => {
            &(401, "invalid_client", "Invalid client", "There is no such client, or it did not prove itself.")
        }
        Refusal::AppIsPublic => &(409, "app_is_public", "App is public", "A public app has no client secret."),
        Refusal::ExternalIdTaken => {
            &(409, "external_id_taken", "External id taken", "Another user has this external_id.")
        }
        Refusal::ProviderMissing => &(
            400,
            "provider_missing",
            "Provider missing",
            "upstream needs a provider: neither the request nor the app names one.",
        ),
        Refusal::ProviderDiffers => &(
            409,
            "provider_differs",
            "Provider differs",
            "The connection holds a credential of another provider that this does not replace.",
        ),
        Refusal::RevocationUnsupported => &(
            400,
            "revocation_unsupported",
            "Revocation unsupported",
            "The provider offers no way to revoke what the connection holds.",
        ),
        Refusal::RevocationUnknown => {
            &(404, "revocation_not_found", "Revocation not found", "There is no such revocation, or not any more.")
        }
        Refusal::RevocationIs(_) => &(
            409,
            "revocation_not_abandoned",
            "Revocation not abandoned",
            "The revocation is under way or over; only an abandoned one is retried or dismissed.",
        ),
        Refusal::NotThere(Thing::Provider) => {
            &(404, "provider_not_found", "Provider not found", "There is no such provider.")
        }
        Refusal::NotThere(Thing::Webhook) => {
            &(404, "webhook_not_found", "Webhook not found", "There is no webhook endpoint of this name.")
        }
        Refusal::TooManyEndpoints => {
            &(409, "too_many_webhooks", "Too many webhooks", "There are 20 webhook endpoints, the most there may be.")
        }
        Refusal::Corrupt => &(500, "internal", "Internal error", "The ledger of this user cannot be read."),
    }
}

fn connection_is(status: ConnectionStatus) -> Row {
    match status {
        ConnectionStatus::Initiated => {
            &(409, "connection_initiated", "Connection initiated", "Nobody has authorized the connection yet.")
        }
        ConnectionStatus::Active => &(409, "connection_active", "Connection active", "The connection is active."),
        ConnectionStatus::Inactive => {
            &(409, "connection_inactive", "Connection inactive", "The connection is switched off.")
        }
        ConnectionStatus::Failed => {
            &(409, "connection_failed", "Connection failed", "The authorization came to nothing.")
        }
        ConnectionStatus::Expired => {
            &(409, "connection_expired", "Connection expired", "Nobody authorized the connection in time.")
        }
        ConnectionStatus::Revoking | ConnectionStatus::Revoked => &(
            409,
            "connection_revoked",
            "Connection revoked",
            "The connection was revoked; the user has to authorize anew.",
        ),
    }
}
