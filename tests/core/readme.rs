//! What the README lists, it lists whole.

use hookswitch::core::event::EventType;
use hookswitch::core::provider::{CallAuth, UpstreamTokenType};
use hookswitch::core::{CredentialState, Provider};
use hookswitch::upstream::catalogue;

const README: &str = include_str!("../../README.md");

/// The rows of a table, by the first of its head, without the rest of the head.
fn table(head: &str) -> Vec<Vec<&'static str>> {
    let after = README.lines().skip_while(|line| !line.starts_with(&format!("| {head} ")));
    let rows = after.skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// What is between backticks.
fn words(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_event_is_in_the_readme() {
    let listed: Vec<_> = table("Type").iter().flat_map(|row| words(row[0])).collect();
    let types: Vec<_> = EventType::ALL.iter().map(|event_type| event_type.as_str()).collect();
    assert_eq!(listed, types);
}

#[test]
fn every_state_of_a_credential_is_in_the_readme() {
    let listed: Vec<_> = table("State of a token").iter().map(|row| (words(row[0])[0], row[2])).collect();
    let kept = |state: &CredentialState| (state.as_str(), if state.is_kept() { "yes" } else { "no" });
    assert_eq!(listed, CredentialState::ALL.iter().map(kept).collect::<Vec<_>>());
}

#[test]
fn every_provider_that_ships_is_in_the_readme_with_what_it_revokes() {
    let mut listed: Vec<_> = table("Revoked there")
        .iter()
        .flat_map(|row| words(row[2]).into_iter().map(|slug| (slug, row[0], row[1])).collect::<Vec<_>>())
        .collect();
    listed.sort_unstable();
    let providers: Vec<_> = catalogue::all().collect();
    let shipped = |provider: &'static Provider| (provider.slug.as_str(), revoked(provider), asks_as(provider));
    assert_eq!(listed, providers.leak().iter().map(shipped).collect::<Vec<_>>());
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
