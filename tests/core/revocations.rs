//! Revocations at providers: a credential is kept until the provider confirms its revocation or an operator dismisses it.

use std::collections::BTreeMap;

use hookswitch::core::decide::connections::{
    AtProvider, ConnectionChanged, DeleteConnection, RevokeActiveConnection, RevokeConnection,
};
use hookswitch::core::decide::revocations::{ManageRevocation, RecordAttempts, RevocationAction, RevocationResult};
use hookswitch::core::decide::users::RevokeUser;
use hookswitch::core::provider::{CallAuth, CallBody, CallMethod, ProviderCall};
use hookswitch::core::revocation::{ProviderReply, RevocationAttempt};
use hookswitch::core::schedule::{ATTEMPTS_MAX, Schedule};
use hookswitch::core::{
    Connection, ConnectionStatus, CredentialState, DecisionError, Principal, Provider, Resource, Role,
    UpstreamTokenType,
};

use crate::kit::{self, connection, connection_id, credential, everything, profile, second, slug, user_id};
use crate::ledger::Ledger;

use ConnectionStatus::{Active, Expired, Inactive, Initiated, Revoked, Revoking};
use UpstreamTokenType::{AccessToken, RefreshToken};

const SCHEDULE: Schedule = Schedule { base: 10_000, jitter: 0 };

/// A ledger with connection 1, which stores a refresh token (1) and an access token (2) of the provider `acme`.
fn ledger() -> Ledger {
    let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
    ledger.connections.push(Connection { provider: Some(slug("acme")), ..connection(1, Active) });
    ledger.credentials.push(credential(1, connection_id(1), RefreshToken));
    ledger.credentials.push(credential(2, connection_id(1), AccessToken));
    ledger
}

fn revoke(ledger: &mut Ledger) -> ConnectionChanged {
    ledger.as_root(RevokeConnection { id: connection_id(1), reason: Some("why".to_owned()) }, 0).unwrap()
}

/// Reports the answer of the provider to the next attempt for a credential.
fn record(ledger: &mut Ledger, seq: u64, reply: ProviderReply) -> ConnectionStatus {
    let attempts = ledger.credentials.iter().find(|credential| credential.seq == seq).unwrap().attempts;
    let attempts = vec![RevocationAttempt { seq, attempts, reply }];
    let command = RecordAttempts { connection_id: connection_id(1), attempts, schedule: SCHEDULE };
    ledger.as_root(command, 0).unwrap().unwrap().status()
}

fn manage(ledger: &mut Ledger, seq: u64, action: RevocationAction) -> Result<RevocationResult, DecisionError> {
    ledger.as_root(ManageRevocation { seq, action }, 0)
}

fn states(ledger: &Ledger) -> Vec<CredentialState> {
    ledger.credentials.iter().map(|credential| credential.state).collect()
}

/// Whether the secret of each credential is still stored.
fn kept(ledger: &Ledger) -> Vec<bool> {
    ledger.credentials.iter().map(|credential| credential.sealed.is_some()).collect()
}

fn retry(after: Option<u32>) -> ProviderReply {
    ProviderReply::Retry { after, error: "503".to_owned() }
}

fn refused() -> ProviderReply {
    ProviderReply::Refused { error: "400".to_owned() }
}

#[test]
fn revocation_ends_the_connection_at_once_and_starts_the_revocation_of_each_credential() {
    let mut ledger = ledger();
    let changed = revoke(&mut ledger);
    assert_eq!((changed.previous, changed.verdict.status()), (Active, Revoking));
    let pending: Vec<_> = changed.pending.iter().map(|one| (one.seq, one.attempts, one.token_type)).collect();
    assert_eq!(pending, [(1, 0, RefreshToken), (2, 0, AccessToken)]);
    assert_eq!(changed.pending[0].sealed.as_str(), "sealed 1");
    assert_eq!(states(&ledger), [CredentialState::Revoking; 2]);
    // The caller has the first 15 seconds to make the first attempt.
    assert!(ledger.credentials.iter().all(|credential| credential.due_at == Some(second(16))));
    assert_eq!(ledger.event_log(), [("connection.revoking", "root")]);
    let again = revoke(&mut ledger);
    assert_eq!((again.previous, again.pending.len()), (Revoking, 0), "the attempts are made once");
}

#[test]
fn connection_is_revoked_once_the_provider_confirms_every_credential() {
    let mut ledger = ledger();
    revoke(&mut ledger);
    let died = ledger.connections[0].recorded.at;
    assert_eq!(record(&mut ledger, 1, ProviderReply::Revoked), Revoking);
    assert_eq!(kept(&ledger), [false, true]);
    ledger.pass(60_000_000);
    assert_eq!(record(&mut ledger, 2, ProviderReply::Gone), Revoked);
    assert_eq!(states(&ledger), [CredentialState::Revoked, CredentialState::Gone]);
    assert_eq!(kept(&ledger), [false, false]);
    let row = &ledger.connections[0];
    assert_eq!((row.recorded.at, row.recorded.reason.as_deref(), row.end_recorded), (died, Some("why"), true));
    assert_eq!(ledger.event_log(), [("connection.revoking", "root"), ("connection.revoked", "root")]);
    assert!(ledger.events[1].at > died, "the event happened later");
    let before = ledger.clone();
    record(&mut ledger, 2, ProviderReply::Revoked);
    assert_eq!(ledger, before, "a final state stays");
}

#[test]
fn unclear_answer_is_retried_with_growing_waits_and_abandoned_after_the_last_attempt() {
    let mut ledger = ledger();
    revoke(&mut ledger);
    for attempt in 1..ATTEMPTS_MAX {
        let now = ledger.now();
        record(&mut ledger, 1, retry(None));
        let row = &ledger.credentials[0];
        assert_eq!((row.state, row.attempts), (CredentialState::Revoking, attempt));
        assert_eq!(row.due_at, Some(now.plus_seconds(10 << (attempt - 1))));
        assert_eq!(row.error.as_deref(), Some("503"));
    }
    assert_eq!(record(&mut ledger, 1, retry(None)), Revoking);
    let row = &ledger.credentials[0];
    assert_eq!((row.state, row.attempts, row.due_at), (CredentialState::Abandoned, ATTEMPTS_MAX, None));
    assert_eq!(kept(&ledger), [true, true], "the credential may be alive at the provider");
    let log = ledger.event_log();
    assert_eq!(log[1..], [("revocation.abandoned", "system")]);
    let data = ledger.events[1].data.as_str();
    assert!(data.contains(r#""attempts":6"#) && data.contains(r#""error":"503""#), "{data}");
}

#[test]
fn provider_can_ask_for_a_longer_wait() {
    let mut ledger = ledger();
    revoke(&mut ledger);
    let now = ledger.now();
    record(&mut ledger, 1, retry(Some(120)));
    assert_eq!(ledger.credentials[0].due_at, Some(now.plus_seconds(120)));
}

#[test]
fn refused_revocation_is_abandoned_at_once() {
    let mut ledger = ledger();
    revoke(&mut ledger);
    assert_eq!(record(&mut ledger, 1, refused()), Revoking);
    assert_eq!((states(&ledger)[0], kept(&ledger)[0]), (CredentialState::Abandoned, true));
    assert_eq!(ledger.credentials[0].error.as_deref(), Some("400"));
}

#[test]
fn provider_without_a_revocation_call_is_not_asked_again() {
    let mut ledger = ledger();
    revoke(&mut ledger);
    record(&mut ledger, 1, ProviderReply::Unsupported);
    assert_eq!(record(&mut ledger, 2, ProviderReply::Unsupported), Revoked);
    assert_eq!(states(&ledger), [CredentialState::Unsupported; 2]);
    assert!(ledger.credentials.iter().all(|credential| credential.attempts == 0));
}

#[test]
fn late_report_of_an_earlier_attempt_counts_only_if_the_credential_is_dead() {
    let mut ledger = ledger();
    revoke(&mut ledger);
    record(&mut ledger, 1, retry(None));
    let mut late = |reply| {
        let attempts = vec![RevocationAttempt { seq: 1, attempts: 0, reply }];
        let command = RecordAttempts { connection_id: connection_id(1), attempts, schedule: SCHEDULE };
        ledger.as_root(command, 0).unwrap();
        (ledger.credentials[0].state, ledger.credentials[0].attempts)
    };
    assert_eq!(late(retry(None)), (CredentialState::Revoking, 1));
    assert_eq!(late(refused()), (CredentialState::Revoking, 1));
    assert_eq!(late(ProviderReply::Unsupported), (CredentialState::Revoking, 1));
    assert_eq!(late(ProviderReply::Revoked), (CredentialState::Revoked, 1));
}

#[test]
fn held_credential_of_a_live_connection_takes_no_report() {
    let mut ledger = ledger();
    let before = ledger.clone();
    for reply in [ProviderReply::Revoked, ProviderReply::Gone, retry(None), refused(), ProviderReply::Unsupported] {
        assert_eq!(record(&mut ledger, 1, reply), Active);
        assert_eq!(ledger, before);
    }
}

#[test]
fn report_for_an_unknown_connection_is_ignored() {
    let mut ledger = ledger();
    let command = RecordAttempts { connection_id: connection_id(9), attempts: Vec::new(), schedule: SCHEDULE };
    assert_eq!(ledger.as_root(command, 0), Ok(None));
}

#[test]
fn abandoned_revocation_is_retried_from_the_first_attempt() {
    let mut ledger = ledger();
    revoke(&mut ledger);
    record(&mut ledger, 1, refused());
    let result = manage(&mut ledger, 1, RevocationAction::Retry).unwrap();
    // The revocation of the other credential has not begun either.
    let pending: Vec<_> = result.pending.iter().map(|one| (one.seq, one.attempts)).collect();
    assert_eq!(pending, [(1, 0), (2, 0)]);
    let row = &ledger.credentials[0];
    assert_eq!((row.state, row.attempts, row.error.as_deref()), (CredentialState::Revoking, 0, None));
    let again = manage(&mut ledger, 1, RevocationAction::Retry);
    assert_eq!(again, Err(DecisionError::InvalidRevocationState(CredentialState::Revoking)));
}

#[test]
fn dismissed_revocation_erases_the_credential_and_completes_the_connection() {
    let mut ledger = ledger();
    revoke(&mut ledger);
    record(&mut ledger, 2, ProviderReply::Revoked);
    let result = manage(&mut ledger, 1, RevocationAction::Dismiss).unwrap();
    assert_eq!((result.revocation.credential.state, result.connection.status()), (CredentialState::Dismissed, Revoked));
    assert_eq!(kept(&ledger), [false, false]);
    let before = ledger.clone();
    assert!(manage(&mut ledger, 1, RevocationAction::Dismiss).is_ok(), "a repetition changes nothing");
    assert_eq!(ledger, before);
    let refused = manage(&mut ledger, 2, RevocationAction::Dismiss);
    assert_eq!(refused, Err(DecisionError::InvalidRevocationState(CredentialState::Revoked)));
}

#[test]
fn held_and_unknown_credentials_have_no_revocation() {
    let mut ledger = ledger();
    for seq in [1, 9] {
        for action in RevocationAction::ALL {
            assert_eq!(manage(&mut ledger, seq, *action), Err(DecisionError::NotFound(Resource::Revocation)));
        }
    }
    revoke(&mut ledger);
    let result = manage(&mut ledger, 1, RevocationAction::Get).unwrap();
    assert_eq!((result.revocation.credential.seq, result.pending.len()), (1, 0));
    assert_eq!(result.revocation.id().to_string().parse(), Ok(result.revocation.id()));
}

#[test]
fn deletion_forgets_credentials_only_if_it_is_told_to() {
    let delete = |at_provider| {
        let mut ledger = ledger();
        let command = DeleteConnection { id: connection_id(1), at_provider };
        let changed = ledger.as_root(command, 0).unwrap();
        (changed.verdict.status(), changed.pending.len(), kept(&ledger))
    };
    assert_eq!(delete(AtProvider::Revoke), (Revoking, 2, vec![true, true]));
    assert_eq!(delete(AtProvider::Forget), (Revoked, 0, vec![false, false]));
}

#[test]
fn revocation_of_a_user_leaves_the_credentials_to_the_alarm() {
    let mut ledger = ledger();
    let command = RevokeUser { user_id: user_id("owner"), filter: everything(), dry_run: false };
    ledger.as_root(command, 0).unwrap();
    assert_eq!(ledger.connection_statuses(), [Revoking], "the credentials are alive at the provider");
    ledger.sweep_all();
    assert_eq!(states(&ledger), [CredentialState::Revoking; 2]);
    record(&mut ledger, 1, ProviderReply::Revoked);
    record(&mut ledger, 2, ProviderReply::Revoked);
    assert_eq!(ledger.event_log(), [("user.revoked", "root"), ("connection.revoked", "root")]);
}

/// The configuration of a provider that can revoke tokens of these types.
fn provider(slug_text: &str, tokens: &[UpstreamTokenType]) -> Provider {
    let call = ProviderCall {
        method: CallMethod::Rfc7009,
        url: "https://acme.example/revoke".to_owned(),
        auth: CallAuth::Basic,
        body: CallBody::Form,
        parameter: "token".to_owned(),
        tokens: tokens.to_vec(),
        gone_errors: Vec::new(),
        gone_statuses: Vec::new(),
        headers: BTreeMap::new(),
        answers: Vec::new(),
    };
    let revocation = (!tokens.is_empty()).then_some(call);
    Provider { slug: slug(slug_text), name: "Acme".to_owned(), revocation, client_id: None }
}

fn revoke_active(ledger: &mut Ledger, provider: Option<Provider>) -> Result<ConnectionStatus, DecisionError> {
    let command = RevokeActiveConnection { id: connection_id(1), reason: None, provider };
    ledger.as_root(command, 0).map(|changed| changed.verdict.status())
}

#[test]
fn active_connection_is_revoked_if_its_provider_can_revoke_one_of_its_credentials() {
    let required = Err(DecisionError::ProviderRequired { slug: slug("acme") });
    let unsupported = Err(DecisionError::RevocationUnsupported);
    let table = [
        (None, required.clone()),
        (Some(provider("other", &[RefreshToken])), required),
        (Some(provider("acme", &[])), unsupported.clone()),
        (Some(provider("acme", &[AccessToken])), Ok(Revoking)),
        (Some(provider("acme", &[RefreshToken])), Ok(Revoking)),
    ];
    for (provider, expected) in table {
        let mut ledger = ledger();
        let before = ledger.clone();
        assert_eq!(revoke_active(&mut ledger, provider), expected);
        assert_eq!(expected.is_err(), ledger == before);
    }
    let mut with_one = ledger();
    with_one.credentials.pop();
    assert_eq!(revoke_active(&mut with_one, Some(provider("acme", &[AccessToken]))), unsupported);
    let mut without = ledger();
    without.credentials.clear();
    assert_eq!(revoke_active(&mut without, None), Ok(Revoked));
}

#[test]
fn only_an_active_connection_is_revoked_by_the_command_for_active_ones() {
    for status in ConnectionStatus::ALL {
        let mut ledger = Ledger::of(kit::user("owner", profile(Role::Member, &[])));
        ledger.connections.push(connection(1, *status));
        match (status, revoke_active(&mut ledger, None)) {
            (Active | Revoked, outcome) => assert_eq!(outcome, Ok(Revoked)),
            (Initiated | Inactive | Expired | Revoking, Err(DecisionError::InvalidConnectionState(verdict))) => {
                assert_eq!(verdict.status(), *status);
            }
            (status, outcome) => panic!("{status:?}: {outcome:?}"),
        }
    }
}

#[test]
fn only_operators_manage_revocations_and_record_attempts() {
    let owner = kit::principal("owner", Role::Member, &[]);
    for principal in [owner, Principal::App(kit::app_id("crm")), Principal::Holder] {
        let mut ledger = ledger();
        revoke(&mut ledger);
        let before = ledger.clone();
        let manage = ManageRevocation { seq: 1, action: RevocationAction::Dismiss };
        assert_eq!(ledger.ask(&kit::request(&principal, manage, 0)), Err(DecisionError::Forbidden));
        let command = RecordAttempts { connection_id: connection_id(1), attempts: Vec::new(), schedule: SCHEDULE };
        assert_eq!(ledger.ask(&kit::request(&principal, command, 0)), Err(DecisionError::Forbidden));
        assert_eq!(ledger, before);
    }
}
