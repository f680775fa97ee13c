//! Replies of ledgers to commands that they refuse.

use hookswitch::core::decide::users::GetUser;
use hookswitch::core::error::Limit;
use hookswitch::core::{Command, CredentialState, DecisionError, Reply, Resource};

use super::Lines;
use super::values::{connection_verdict, dead};
use crate::kit::{app_id, slug, user_id};

/// Every error, and a name of its variant.
fn errors() -> Vec<(&'static str, DecisionError)> {
    use DecisionError as E;
    let errors = vec![
        E::Forbidden,
        E::KeyNotActive,
        E::NotConnectable,
        E::TokenNotActive(Box::new(dead())),
        E::NotAConnectionToken,
        E::IdempotencyConflict,
        E::BeforeInFuture,
        E::Inconsistent,
        E::TtlOutOfRange { min: 1, max: 86_400 },
        E::InvalidConnectionState(Box::new(connection_verdict())),
        E::ScopeTooWide,
        E::RedirectUriUnregistered,
        E::ChallengeRequired,
        E::RedirectUriMismatch,
        E::VerifierMismatch,
        E::WrongClient,
        E::ClientInvalid,
        E::AppIsPublic,
        E::ExternalIdTaken,
        E::UserIdReserved { holder: user_id("v") },
        E::ProviderNotNamed { app_id: Some(app_id("crm")) },
        E::ProviderNotNamed { app_id: None },
        E::ProviderRequired { slug: slug("acme") },
        E::RevocationUnsupported,
        E::TooManyEndpoints { max: 20 },
        E::ProviderDiffers,
        E::ProviderUnknown,
        E::RootRequired,
        E::SignInCodeInvalid,
        E::LedgerFull,
    ];
    let not_found = Resource::ALL.iter().map(|resource| E::NotFound(*resource));
    let states = CredentialState::ALL.iter().map(|state| E::InvalidRevocationState(*state));
    let limits = Limit::ALL.iter().map(|limit| E::LimitReached { limit: *limit, max: 1_000 });
    errors.into_iter().chain(not_found).chain(states).chain(limits).map(|error| (name(&error), error)).collect()
}

/// The name of an error's variant. A new variant does not compile here until it is added above.
fn name(error: &DecisionError) -> &'static str {
    match error {
        DecisionError::Forbidden => "forbidden",
        DecisionError::KeyNotActive => "key_not_active",
        DecisionError::NotFound(_) => "not_found",
        DecisionError::NotConnectable => "not_connectable",
        DecisionError::TokenNotActive(_) => "token_not_active",
        DecisionError::NotAConnectionToken => "not_a_connection_token",
        DecisionError::IdempotencyConflict => "idempotency_conflict",
        DecisionError::BeforeInFuture => "before_in_future",
        DecisionError::Inconsistent => "inconsistent",
        DecisionError::TtlOutOfRange { .. } => "ttl_out_of_range",
        DecisionError::InvalidConnectionState(_) => "invalid_connection_state",
        DecisionError::ScopeTooWide => "scope_too_wide",
        DecisionError::RedirectUriUnregistered => "redirect_uri_unregistered",
        DecisionError::ChallengeRequired => "challenge_required",
        DecisionError::RedirectUriMismatch => "redirect_uri_mismatch",
        DecisionError::VerifierMismatch => "verifier_mismatch",
        DecisionError::WrongClient => "wrong_client",
        DecisionError::ClientInvalid => "client_invalid",
        DecisionError::AppIsPublic => "app_is_public",
        DecisionError::ExternalIdTaken => "external_id_taken",
        DecisionError::UserIdReserved { .. } => "user_id_reserved",
        DecisionError::ProviderNotNamed { .. } => "provider_not_named",
        DecisionError::ProviderRequired { .. } => "provider_required",
        DecisionError::ProviderUnknown => "provider_unknown",
        DecisionError::RootRequired => "root_required",
        DecisionError::LedgerFull => "ledger_full",
        DecisionError::LimitReached { .. } => "limit_reached",
        DecisionError::RevocationUnsupported => "revocation_unsupported",
        DecisionError::InvalidRevocationState(_) => "invalid_revocation_state",
        DecisionError::TooManyEndpoints { .. } => "too_many_endpoints",
        DecisionError::ProviderDiffers => "provider_differs",
        DecisionError::SignInCodeInvalid => "sign_in_code_invalid",
    }
}

#[test]
fn error_json_format_unchanged() {
    let mut lines = Lines::default();
    for (name, error) in errors() {
        let reply: Reply<<GetUser as Command>::Outcome> = Reply { outcome: Err(error), replayed: None };
        lines.add(name, &reply);
    }
    lines.assert_unchanged("errors");
}

#[test]
fn errors_are_sentences_without_values() {
    for (name, error) in errors() {
        let sentence = error.to_string();
        assert!(sentence.len() > 10 && !sentence.ends_with('.'), "{name}: {sentence}");
        for value in ["tok_", "ca_", "crm", "acme", "root"] {
            assert!(!sentence.contains(value), "{name}: {sentence}");
        }
    }
}
