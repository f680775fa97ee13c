//! The tables of the documentation that only Rust knows are complete. `tests/docs` checks the others.

use hookswitch::core::event::EventType;
use hookswitch::core::provider::{CallAuth, UpstreamTokenType};
use hookswitch::core::{CredentialState, Provider};
use hookswitch::dialects::problem_types;
use hookswitch::upstream::catalogue;

const EVENTS: &str = include_str!("../../docs/reference/events.md");
const PROVIDERS: &str = include_str!("../../docs/reference/providers.md");
const ERRORS: &str = include_str!("../../docs/reference/errors-and-idempotency.md");

/// The problem types that only dialects with errors of their own show.
const OF_OTHER_DIALECTS: [&str; 6] = [
    "unsupported_grant_type",
    "unsupported_token_type",
    "invalid_grant",
    "invalid_client",
    "revocation_unsupported",
    "connection_active",
];

/// The cells of the table whose head begins with `head`, without the head.
fn table(page: &'static str, head: &str) -> Vec<Vec<&'static str>> {
    let after = page.lines().skip_while(|line| !line.starts_with(&format!("| {head} ")));
    let rows = after.skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// The code spans of a cell.
fn words(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_event_type_is_in_the_page_of_events() {
    let listed: Vec<_> = table(EVENTS, "Type").iter().flat_map(|row| words(row[0])).collect();
    let types: Vec<_> = EventType::ALL.iter().map(|event_type| event_type.as_str()).collect();
    assert_eq!(listed, types);
}

#[test]
fn every_state_of_a_credential_is_in_the_page_of_providers() {
    let listed: Vec<_> = table(PROVIDERS, "State of a token").iter().map(|row| (words(row[0])[0], row[2])).collect();
    let kept = |state: &CredentialState| (state.as_str(), if state.is_kept() { "yes" } else { "no" });
    assert_eq!(listed, CredentialState::ALL.iter().map(kept).collect::<Vec<_>>());
}

#[test]
fn every_provider_of_the_catalogue_is_in_the_page_of_providers_with_what_it_revokes() {
    let mut listed: Vec<_> = table(PROVIDERS, "Revoked there")
        .iter()
        .flat_map(|row| words(row[2]).into_iter().map(|slug| (slug, row[0], row[1])).collect::<Vec<_>>())
        .collect();
    listed.sort_unstable();
    let providers: Vec<_> = catalogue::all().collect();
    let shipped = |provider: &'static Provider| (provider.slug.as_str(), revoked(provider), asks_as(provider));
    assert_eq!(listed, providers.leak().iter().map(shipped).collect::<Vec<_>>());
}

#[test]
fn every_problem_type_is_in_the_page_of_errors_with_its_status() {
    let mut listed: Vec<(u16, &str)> = table(ERRORS, "Status")
        .iter()
        .flat_map(|row| words(row[1]).into_iter().map(|code| (row[0].parse().unwrap(), code)).collect::<Vec<_>>())
        .collect();
    let native = problem_types::ALL.iter().filter(|problem| !OF_OTHER_DIALECTS.contains(&problem.code));
    let mut known: Vec<_> = native.map(|problem| (problem.status, problem.code)).collect();
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known);
}

fn revoked(provider: &Provider) -> &'static str {
    match [UpstreamTokenType::RefreshToken, UpstreamTokenType::AccessToken]
        .map(|token_type| provider.revokes(token_type))
    {
        [true, true] => "both tokens",
        [true, false] => "the refresh token",
        [false, true] => "the access token",
        [false, false] => "nothing",
    }
}

fn asks_as(provider: &Provider) -> &'static str {
    let auth = provider.revocation.as_ref().map(|revocation| revocation.auth);
    if matches!(auth, Some(CallAuth::Basic | CallAuth::Post)) { "yes" } else { "no" }
}

const LIMITS: &str = include_str!("../../docs/reference/limits.md");

/// A number with commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn limits_that_the_core_knows_are_in_the_page_of_limits() {
    use hookswitch::core::{app, params, schedule, ticket, token, user, webhook};

    let rows = table(LIMITS, "What");
    let has = |name: &str, number: u64| {
        let row = rows.iter().find(|row| row[0].starts_with(name));
        let row = row.unwrap_or_else(|| panic!("no row begins with {name}"));
        assert!(row[1].contains(&grouped(number)), "{name}: {} lacks {}", row[1], grouped(number));
    };
    has("batch check", params::CHECK_MAX as u64);
    has("validity of a connection token", token::CONNECTION_TOKEN_TTL_MAX.into());
    has("validity of a replaced client secret", app::PREVIOUS_SECRET_TTL_MAX.into());
    has("validity of a replaced webhook secret", webhook::PREVIOUS_SECRET_TTL_MAX.into());
    has("validity of a status ticket", ticket::TTL_MIN.into());
    has("validity of a status ticket", ticket::TTL.into());
    has("validity of a status ticket", ticket::TTL_MAX.into());
    has("webhook endpoints", webhook::ENDPOINTS_MAX as u64);
    has("attempts of a revocation", schedule::ATTEMPTS_MAX.into());
    has("groups", user::GROUPS_MAX as u64);
    has("redirect URIs of an app", app::REDIRECT_URIS_MAX as u64);
    has("scopes of an app", app::SCOPES_MAX as u64);
}
