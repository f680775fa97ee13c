//! The requests that the alarm sends: webhooks, revocations at providers, and entries of the list of all connections.

use std::future::Future;
use std::pin::pin;

use hookswitch::core::credential::{NewCredential, NewCredentials};
use hookswitch::core::cutoff::TokenKindSet;
use hookswitch::core::decide::connections::AtProvider;
use hookswitch::core::decide::connections::{
    DeleteConnection, GetConnection, RevokeConnectedApp, RevokeConnection, StoreCredentials,
};
use hookswitch::core::decide::operator::AbandonedFilter;
use hookswitch::core::decide::operator::{ListAbandoned, ListDeliveries, OperatorCommand, PutWebhook, SigningSecret};
use hookswitch::core::decide::revocations::{ManageRevocation, RevocationAction};
use hookswitch::core::decide::users::RevokeUser;
use hookswitch::core::params::{PageRequest, RevokeFilter};
use hookswitch::core::provider::ProviderVersion;
use hookswitch::core::{
    ConnectionId, ConnectionStatus, CredentialState, Keyring, Principal, Reply, Request, UpstreamTokenType, webhook,
};
use hookswitch::ledger::alarm::WebhookAction;
use hookswitch::ledger::{LedgerCode, LedgerContext};

use crate::kit::Ledger;
use crate::platform::TestPlatform;

const FIRST_PAGE: PageRequest = PageRequest { after: None, limit: 100 };

fn operate<C: OperatorCommand>(platform: &TestPlatform, command: C) -> C::Outcome {
    let message = Request::plain(Principal::Root, command).message().unwrap();
    let cx =
        LedgerContext { now: platform.now.get(), jitter: 0, settings: &platform.settings, has_earlier_secrets: false };
    let answer = platform.operator.answer(&message, &cx).unwrap();
    serde_json::from_str::<Reply<C::Outcome>>(&answer.reply).unwrap().outcome.unwrap()
}

fn put_webhook(ledger: &Ledger, platform: &TestPlatform, name: &str) {
    platform.now.set(ledger.now.get());
    let owner = format!("webhook:{name}");
    let secret = ledger.keyring.seal(&owner, &webhook::secret(&[7; 32]), [1; 12]).unwrap();
    operate(
        platform,
        PutWebhook {
            name: name.parse().unwrap(),
            url: format!("https://{name}.example/"),
            events: Vec::new(),
            disabled: false,
            secret: SigningSecret::Fresh(secret),
        },
    );
}

/// Rings the alarm as the Durable Object does after events.
fn announce_events(ledger: &Ledger, platform: &TestPlatform) {
    if platform.endpoints.action(ledger.now.get(), &ledger.settings) == WebhookAction::Ring {
        let due = ledger.now.get().plus_seconds(1);
        ledger.alarm.set(Some(ledger.alarm.get().map_or(due, |set| set.min(due))));
    }
}

#[test]
fn events_are_sent_in_order_and_once() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    ledger.advance(1);
    put_webhook(&ledger, &platform, "one");
    ledger.advance(1);
    for _ in 0..30 {
        ledger.mint_key();
    }
    announce_events(&ledger, &platform);
    ledger.run_for(60, &platform);
    let requests = platform.requests.borrow();
    assert_eq!(requests.len(), 30, "the user was created before the endpoint");
    let ids: Vec<_> = requests.iter().map(|request| request.headers[1].1.clone()).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    let sent = operate(&platform, ListDeliveries { name: "one".parse().unwrap(), page: FIRST_PAGE });
    assert_eq!(sent.items.len(), 30);
    assert_eq!(*platform.failures.borrow(), []);
}

#[test]
fn failed_delivery_is_repeated_with_the_same_id_and_the_next_event_waits() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    ledger.advance(1);
    put_webhook(&ledger, &platform, "one");
    ledger.advance(1);
    ledger.mint_key();
    ledger.mint_key();
    *platform.answers.borrow_mut() = [Ok(500), Err("no answer in time".to_owned()), Ok(204)].into();
    announce_events(&ledger, &platform);
    ledger.run_for(2, &platform);
    assert_eq!(platform.requests.borrow().len(), 1);
    ledger.run_for(1_000, &platform);
    let requests = platform.requests.borrow();
    let ids: Vec<_> = requests.iter().map(|request| &request.headers[1].1).collect();
    assert_eq!(ids.len(), 4);
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3]);
    assert!(requests[0].body == requests[2].body);
}

#[test]
fn without_an_endpoint_events_write_nothing_more_and_call_the_operator_rarely() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    ledger.mint_key();
    announce_events(&ledger, &platform);
    ledger.run_for(5, &platform);
    let calls = platform.operator_calls.get();
    for _ in 0..50 {
        let alarm = ledger.alarm.get();
        assert_eq!(ledger.cost(|| drop(ledger.mint_key())).rows, 3);
        announce_events(&ledger, &platform);
        assert_eq!(ledger.alarm.get(), alarm);
        ledger.advance(1);
    }
    assert_eq!(platform.operator_calls.get(), calls);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM webhook_cursors"), 0);
}

#[test]
fn endpoint_that_is_created_while_the_list_is_remembered_gets_its_events_when_the_list_is_read_again() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    put_webhook(&ledger, &platform, "one");
    ledger.advance(1);
    ledger.mint_key();
    announce_events(&ledger, &platform);
    ledger.run_for(3, &platform);
    put_webhook(&ledger, &platform, "two");
    ledger.advance(1);
    ledger.mint_key();
    announce_events(&ledger, &platform);
    ledger.run_for(2, &platform);
    let sent_to = |name: &str| {
        let url = format!("https://{name}.example/");
        platform.requests.borrow().iter().filter(|request| request.url == url).count()
    };
    assert_eq!((sent_to("one"), sent_to("two")), (3, 0));
    ledger.run_for(10, &platform);
    assert_eq!((sent_to("one"), sent_to("two")), (3, 1));
    assert_eq!(ledger.number("SELECT COUNT(*) FROM webhook_cursors WHERE due_at IS NOT NULL"), 0);
}

#[test]
fn endpoint_that_is_gone_is_disabled_and_gets_nothing_more() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    ledger.advance(1);
    put_webhook(&ledger, &platform, "one");
    ledger.advance(1);
    ledger.mint_key();
    ledger.mint_key();
    platform.answers.borrow_mut().push_back(Ok(410));
    announce_events(&ledger, &platform);
    ledger.run_for(60, &platform);
    ledger.mint_key();
    announce_events(&ledger, &platform);
    ledger.run_for(60, &platform);
    assert_eq!(platform.requests.borrow().len(), 1);
}

#[test]
fn entry_of_a_connection_shows_its_newest_state_and_is_written_again_after_a_failure() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    platform.kv_is_up.set(false);
    let id = ledger.connect("app-1");
    ledger.run_for(20, &platform);
    ledger.ok(RevokeConnection { id: id.clone(), reason: None });
    platform.kv_is_up.set(true);
    ledger.run_for(600, &platform);
    let entries = platform.entries.borrow().clone();
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!((entries[0].status, entries[0].ttl), (ConnectionStatus::Revoked, Some(2_592_000)));
    ledger.ok(DeleteConnection { id, at_provider: AtProvider::Forget }.clone());
    ledger.run_for(60, &platform);
    assert!(platform.entries.borrow()[1].deleted);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM connections WHERE entry_due_at IS NOT NULL"), 0);
}

fn connect_upstream(ledger: &Ledger, keyring: &Keyring) -> ConnectionId {
    let id = ledger.connect("app-1");
    let sealed = keyring.seal(id.as_str(), "secret", [3; 12]).unwrap();
    let token_type = UpstreamTokenType::AccessToken;
    let credentials = NewCredentials {
        provider: Some("dropbox".parse().unwrap()),
        tokens: vec![NewCredential { token_type, sealed, expires_at: None }],
        version: ProviderVersion::Shipped,
    };
    ledger.ok(StoreCredentials { id: id.clone(), credentials });
    id
}

fn state(ledger: &Ledger) -> String {
    let connection = ledger.sql.database.connection();
    connection.query_row("SELECT state FROM credentials", [], |row| row.get(0)).unwrap()
}

#[test]
fn credential_is_revoked_at_the_provider_if_the_caller_reports_no_attempt() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    let id = connect_upstream(&ledger, &ledger.keyring);
    let revoked = ledger.ok(RevokeConnection { id: id.clone(), reason: None });
    assert_eq!(revoked.pending.len(), 1);
    platform.answers.borrow_mut().push_back(Ok(503));
    ledger.run_for(14, &platform);
    assert_eq!(platform.requests.borrow().len(), 0, "the caller has the first attempt to itself");
    ledger.run_for(2, &platform);
    assert_eq!(platform.requests.borrow().len(), 1);
    assert_eq!(state(&ledger), "revoking");
    ledger.run_for(60, &platform);
    assert_eq!(platform.requests.borrow().len(), 2);
    assert_eq!(state(&ledger), "revoked");
    assert_eq!(ledger.number("SELECT COUNT(*) FROM credentials WHERE sealed IS NOT NULL"), 0);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM events WHERE type = 'connection.revoked'"), 1);
    assert!(platform.notified.get() > 0);
    assert_eq!(*platform.failures.borrow(), []);
}

#[test]
fn credentials_that_are_due_at_once_are_all_revoked_at_the_provider() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    for _ in 0..25 {
        connect_upstream(&ledger, &ledger.keyring);
    }
    ledger.advance(1);
    let filter = RevokeFilter { before: None, app_id: None, kinds: TokenKindSet::ALL, reason: None };
    ledger.ok(RevokeUser { user_id: ledger.user_id.clone(), filter, dry_run: false });
    ledger.run_for(60, &platform);
    assert_eq!(platform.requests.borrow().len(), 25);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM credentials WHERE state = 'revoked'"), 25);
}

#[test]
fn abandoned_revocation_is_listed_by_the_operator_until_it_is_dismissed() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    let id = connect_upstream(&ledger, &ledger.keyring);
    ledger.ok(RevokeConnection { id, reason: None });
    platform.answers.borrow_mut().push_back(Ok(403));
    ledger.run_for(60, &platform);
    assert_eq!(state(&ledger), "abandoned");
    assert!(platform.notified.get() > 0, "a status ticket shows that the provider is not asked any more");
    let listed = operate(&platform, ListAbandoned { filter: AbandonedFilter::default(), page: FIRST_PAGE });
    assert_eq!(listed.items.len(), 1);
    assert_eq!(listed.items[0].credential.state, CredentialState::Abandoned);
    let seq = listed.items[0].credential.seq;
    ledger.ok(ManageRevocation { seq, action: RevocationAction::Dismiss });
    ledger.run_for(60, &platform);
    assert_eq!(
        operate(&platform, ListAbandoned { filter: AbandonedFilter::default(), page: FIRST_PAGE }).items.len(),
        0
    );
    assert_eq!(ledger.number("SELECT COUNT(*) FROM credentials WHERE listed OR listing_due_at IS NOT NULL"), 0);
}

#[test]
fn user_fills_a_bounded_part_of_the_operators_list() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    for _ in 0..105 {
        let id = connect_upstream(&ledger, &ledger.keyring);
        ledger.ok(RevokeConnection { id, reason: None });
        platform.answers.borrow_mut().push_back(Ok(403));
    }
    let listed = || {
        let (first, rest) = (PageRequest { after: None, limit: 100 }, |next| PageRequest { after: next, limit: 100 });
        let filter = AbandonedFilter::default;
        let page = operate(&platform, ListAbandoned { filter: filter(), page: first });
        let more = page.next.map(|next| operate(&platform, ListAbandoned { filter: filter(), page: rest(Some(next)) }));
        page.items.into_iter().chain(more.into_iter().flat_map(|page| page.items)).collect::<Vec<_>>()
    };
    ledger.run_for(600, &platform);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM credentials WHERE state = 'abandoned'"), 105);
    assert_eq!(listed().len(), 100);
    for revocation in listed().iter().take(3) {
        ledger.ok(ManageRevocation { seq: revocation.credential.seq, action: RevocationAction::Dismiss });
    }
    ledger.run_for(600, &platform);
    assert_eq!(listed().len(), 100, "the next ones took the places");
    assert_eq!(ledger.number("SELECT COUNT(*) FROM credentials WHERE state = 'abandoned' AND NOT listed"), 2);
}

#[test]
fn endpoint_that_hangs_delays_no_revocation_at_a_provider() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    ledger.advance(1);
    put_webhook(&ledger, &platform, "one");
    platform.hanging_urls.borrow_mut().push("https://one.example/".to_owned());
    ledger.advance(1);
    let (by_user, by_connection) =
        (connect_upstream(&ledger, &ledger.keyring), connect_upstream(&ledger, &ledger.keyring));
    platform.now.set(ledger.now.get());
    let mut ring = pin!(ledger.code.ring(&ledger.sql, &platform, &ledger.settings));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let mut poll = || assert!(ring.as_mut().poll(&mut cx).is_pending(), "the endpoint has not answered");
    let asked = || platform.requests.borrow().iter().filter(|request| request.url.contains("dropbox")).count();
    let advance = |seconds| {
        ledger.advance(seconds);
        platform.now.set(ledger.now.get());
    };
    poll();
    assert_eq!((platform.requests.borrow().len(), asked()), (1, 0));

    ledger.ok(RevokeConnection { id: by_connection, reason: None });
    platform.answers.borrow_mut().push_back(Ok(503));
    poll();
    assert_eq!(asked(), 0, "the caller has the first attempt to itself");
    advance(16);
    poll();
    assert_eq!(asked(), 1, "an attempt is due");
    ledger.ok(RevokeConnectedApp { user_id: ledger.user_id.clone(), app_id: "app-1".parse().unwrap() });
    poll();
    assert_eq!(asked(), 2, "a request recorded work");
    advance(11);
    poll();
    assert_eq!(asked(), 3, "a retry is due");
    assert_eq!(ledger.number("SELECT COUNT(*) FROM credentials WHERE state = 'revoked'"), 2);
    let status = |id: &ConnectionId| ledger.ok(GetConnection { id: id.clone() }).status();
    assert_eq!(status(&by_user), ConnectionStatus::Revoked);
}

#[test]
fn operator_that_is_down_stops_no_other_job_and_costs_no_attempt() {
    let ledger = Ledger::with_user();
    let platform = TestPlatform::of(&ledger);
    let id = connect_upstream(&ledger, &ledger.keyring);
    ledger.ok(RevokeConnection { id, reason: None });
    platform.operator_is_up.set(false);
    ledger.run_for(40, &platform);
    assert!(!platform.entries.borrow().is_empty());
    assert_eq!(ledger.number("SELECT attempts FROM credentials"), 0);
    platform.operator_is_up.set(true);
    ledger.run_for(60, &platform);
    assert_eq!(state(&ledger), "revoked");
}

#[test]
fn credentials_are_encrypted_again_after_the_secret_was_rotated() {
    let mut ledger = Ledger::with_user();
    let id = connect_upstream(&ledger, &ledger.keyring);
    ledger.keyring = Keyring::new(&[8; 32], &[vec![7; 32]]).unwrap();
    ledger.has_earlier_secrets = true;
    let platform = TestPlatform::of(&ledger);
    ledger.restart();
    ledger.mint_key();
    ledger.run_for(10, &platform);
    let connection = ledger.sql.database.connection();
    let sealed: String = connection.query_row("SELECT sealed FROM credentials", [], |row| row.get(0)).unwrap();
    let newest = Keyring::new(&[8; 32], &[]).unwrap();
    let secret = newest.unseal(id.as_str(), &hookswitch::core::Sealed::stored(sealed));
    assert_eq!(secret.as_deref(), Some("secret"));
    assert_eq!(*platform.failures.borrow(), []);
}
