//! An error of each problem type, to be rendered by error formats.

use serde_json::json;

use crate::core::error::Limit;
use crate::core::{ConnectionVerdict, CredentialState, DecisionError, Resource, Rule, UserId, Verdict};
use crate::dialects::problem_types::{self as types, ProblemType};
use crate::operations::config::RATE_LIMIT_PERIOD;
use crate::operations::{ApiError, CredentialProblem, LedgerUnavailable};

/// Errors of this type: at least one for each type.
pub(super) fn samples(problem: &ProblemType) -> Vec<ApiError> {
    all().into_iter().filter(|error| types::problem_type(error).code == problem.code).collect()
}

fn all() -> Vec<ApiError> {
    let mut errors = vec![
        ApiError::invalid("user_id", Rule::new("is required")),
        ApiError::NotJson { line: 1, column: 1 },
        ApiError::UnsupportedGrantType,
        ApiError::UnsupportedTokenType,
        ApiError::UnsupportedMediaType,
        ApiError::BodyTooLarge { max: 65_536 },
        ApiError::CredentialsMissing,
        ApiError::CredentialsInvalid(CredentialProblem::UnknownKey),
        ApiError::TicketMissing,
        ApiError::TicketInvalid,
        ApiError::TicketExpired,
        ApiError::UpgradeRequired,
        ApiError::OriginForbidden,
        ApiError::RateLimited { retry_after: RATE_LIMIT_PERIOD },
        ApiError::NoSuchPath,
        ApiError::MethodNotAllowed { allow: "GET, HEAD".to_owned() },
        ApiError::Misconfigured(Vec::new()),
        ApiError::Unavailable(LedgerUnavailable),
        ApiError::Internal("a sample"),
    ];
    errors.extend(refusals().into_iter().map(ApiError::from));
    errors
}

fn refusals() -> Vec<DecisionError> {
    let mut refusals = vec![
        DecisionError::Forbidden,
        DecisionError::UserIdReserved { holder: UserId::stored("ada".to_owned()) },
        DecisionError::NotConnectable,
        DecisionError::NotAConnectionToken,
        DecisionError::IdempotencyConflict,
        DecisionError::ScopeTooWide,
        DecisionError::RedirectUriUnregistered,
        DecisionError::ChallengeRequired,
        DecisionError::RedirectUriMismatch,
        DecisionError::VerifierMismatch,
        DecisionError::WrongClient,
        DecisionError::ClientInvalid,
        DecisionError::AppIsPublic,
        DecisionError::ExternalIdTaken,
        DecisionError::ProviderNotNamed { app_id: None },
        DecisionError::ProviderUnknown,
        DecisionError::RootRequired,
        DecisionError::LimitReached { limit: Limit::Tokens, max: 100_000 },
        DecisionError::LedgerFull,
        DecisionError::ProviderDiffers,
        DecisionError::RevocationUnsupported,
        DecisionError::InvalidRevocationState(CredentialState::Revoked),
        DecisionError::TooManyEndpoints { max: 20 },
        DecisionError::SignInCodeInvalid,
    ];
    refusals.extend(Resource::ALL.iter().copied().map(DecisionError::NotFound));
    refusals.extend(["consumed", "revoked", "expired"].into_iter().filter_map(dead_token));
    let statuses = ["initiated", "active", "inactive", "expired", "revoked"];
    refusals.extend(statuses.into_iter().filter_map(connection_in));
    refusals
}

fn dead_token(status: &str) -> Option<DecisionError> {
    let verdict = json!({
        "user_id": "anna",
        "token_id": format!("tok_{}", "0".repeat(48)),
        "kind": "connection_token",
        "created_at": 0,
        "expires_at": 0,
        "facts": { "created_by": "root" },
        "state": { "dead": { "status": status, "at": 0, "by": null, "reason": null } },
        "as_of": 0,
        "source": "ledger",
    });
    serde_json::from_value::<Verdict>(verdict).ok().map(|verdict| DecisionError::TokenNotActive(Box::new(verdict)))
}

fn connection_in(status: &str) -> Option<DecisionError> {
    let state = json!({ "status": status, "at": 0, "by": null, "reason": null });
    let verdict = json!({
        "user_id": "anna",
        "connection": {
            "id": format!("ca_{}", "0".repeat(48)),
            "app_id": "calendar",
            "created_at": 0,
            "created_by": "root",
            "recorded": state,
            "end_recorded": false,
            "deleted": false,
        },
        "state": state,
        "credentials": [],
        "as_of": 0,
    });
    let verdict = serde_json::from_value::<ConnectionVerdict>(verdict).ok()?;
    Some(DecisionError::InvalidConnectionState(Box::new(verdict)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_type_has_a_sample() {
        for problem in types::ALL {
            assert!(!samples(problem).is_empty(), "{} has no sample", problem.code);
        }
    }
}
