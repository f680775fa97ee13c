//! The invariants of a ledger at every moment of its history.

use std::collections::HashSet;

use hookswitch::core::decide::users::RevokeUser;
use hookswitch::core::decide::{Idempotency, UserCommand};
use hookswitch::core::event::EventType;
use hookswitch::core::params::RevokeFilter;
use hookswitch::core::status::DeadStatus;
use hookswitch::core::token::EndKind;
use hookswitch::core::{
    ConnectionStatus, Credential, CredentialState, DecisionError, Principal, Reply, Request, Status, Token, TokenKind,
    TokenState,
};
use serde_json::Value;

use crate::events::{ends_of_connection, ends_of_token, has_expired};
use crate::history::History;
use crate::kit::{self, user_id};
use crate::ledger::{Ledger, Runnable, count, cutoff_matches, cutoff_matches_connection};
use crate::steps::OWNER;

impl History {
    /// Looks at every token and every connection, as a check does.
    pub(crate) fn look(&mut self) {
        for (token, state) in self.ledger.tokens.iter().zip(self.ledger.states()) {
            let key = self.ledger.authenticate(&token.digest);
            assert_eq!(key.is_some(), token.kind == TokenKind::ApiKey && state == TokenState::Valid);
            if let Some(death) = state.death() {
                let first = self.seen.died.entry(token.digest.clone()).or_insert_with(|| death.clone());
                assert_eq!(first, death, "terminal states are final");
            } else {
                assert!(!self.seen.died.contains_key(&token.digest), "terminal states are final: {token:?}");
                assert!(!self.seen.revoked.contains(&token.digest), "revocation is immediate: {token:?}");
            }
            self.assert_events_of_token(token);
        }
        for (token, count) in &self.seen.consumed {
            assert_eq!(*count, 1, "{token} is consumed at most once");
        }
        self.look_at_connections();
    }

    fn look_at_connections(&mut self) {
        let statuses = self.ledger.statuses();
        for (connection, status) in self.ledger.connections.iter().zip(self.ledger.connection_statuses()) {
            let tokens = self.ledger.tokens.iter().zip(&statuses);
            let mut under = tokens.filter(|(token, _)| token.facts.connection_id.as_ref() == Some(&connection.id));
            if status.is_dead() {
                let first = self.seen.ended.entry(connection.id.clone()).or_insert(status);
                let is_completed = (*first, status) == (ConnectionStatus::Revoking, ConnectionStatus::Revoked);
                assert!(*first == status || is_completed, "{first:?} became {status:?}");
                *first = status;
                let alive = under.find(|(_, status)| !status.is_terminal());
                assert_eq!(alive, None, "everything under a connection ends with it: {connection:?}");
            } else {
                assert!(!self.seen.ended.contains_key(&connection.id), "the dead stay dead: {connection:?}");
                assert!(!connection.deleted, "only a dead connection is hidden");
                let is_disabled = status == ConnectionStatus::Inactive;
                let wrong = if is_disabled { Status::Valid } else { Status::Inactive };
                assert!(under.all(|(_, status)| *status != wrong), "{status:?}: {connection:?}");
            }
        }
    }

    /// Checks that the events about the end of a token are those of its recorded end.
    fn assert_events_of_token(&self, token: &Token) {
        let types: Vec<_> = ends_of_token(&self.ledger, &token.token_id).iter().map(|event| event.event_type).collect();
        let is_refresh_token = token.kind == TokenKind::RefreshToken;
        match token.end.as_ref().map(|end| end.kind) {
            // The event of a rotation is that of the new tokens. The family may be revoked through the replaced token.
            Some(EndKind::Consumed) if is_refresh_token => {
                assert!(types.is_empty() || types == [EventType::TokenRevoked], "{token:?}: {types:?}");
                assert_eq!(self.rotations_of(token), 1, "{token:?}");
            }
            Some(EndKind::Consumed) => assert_eq!(types, [EventType::TokenConsumed], "{token:?}"),
            Some(EndKind::Revoked) => assert_eq!(types, [EventType::TokenRevoked], "{token:?}"),
            None if token.expiry_recorded && has_expired(&self.ledger, token) => {
                assert_eq!(types, [EventType::TokenExpired], "{token:?}");
            }
            None => assert_eq!(types, [], "{token:?}"),
        }
    }

    /// The number of events that name a refresh token as the replaced one.
    fn rotations_of(&self, token: &Token) -> usize {
        let names = |event: &&hookswitch::core::Event| {
            let data: Value = serde_json::from_str(event.data.as_str()).unwrap();
            data["replaced_token_id"] == token.token_id.as_str()
        };
        self.ledger.events.iter().filter(names).count()
    }

    /// Checks that a dry run counts what the revocation would end now.
    pub(crate) fn assert_dry_run_counts_what_ends(&self, principal: &Principal, filter: &RevokeFilter) {
        let revoke = |dry_run| {
            let mut ledger = self.ledger.clone();
            let command = RevokeUser { user_id: user_id(OWNER), filter: filter.clone(), dry_run };
            let (reply, changes) = ledger.run(&kit::request(principal, command, 0));
            (ledger, reply.outcome, changes)
        };
        let ((_, counted, nothing), (after, revoked, _)) = (revoke(true), revoke(false));
        assert!(nothing.is_empty(), "a dry run writes nothing");
        let (counted, revoked) = match (counted, revoked) {
            (Ok(counted), Ok(revoked)) => (counted.revoked, revoked.revoked),
            (counted, revoked) => return assert_eq!(counted.err(), revoked.err()),
        };
        assert_eq!(counted, revoked);
        // Both are compared at one time: a token that expires meanwhile was not revoked.
        let mut before = self.ledger.clone();
        before.pass_until(after.now());
        let states = before.states().into_iter().zip(after.states());
        let ended = self.ledger.tokens.iter().zip(states).filter(|(_, (was, is))| was != is);
        let mut expected = count(ended.map(|(token, _)| token));
        let statuses = before.connection_statuses().into_iter().zip(after.connection_statuses());
        expected.connection = statuses.filter(|(was, is)| was != is).count() as u64;
        assert_eq!(counted, expected);
    }

    pub(crate) fn assert_no_cutoff_matches_the_newest_token(&self) {
        let token = self.ledger.tokens.last().unwrap();
        let matching = self.ledger.cutoffs.iter().find(|cutoff| cutoff_matches(cutoff, token));
        assert_eq!(matching, None, "{token:?}");
    }

    /// Lets every token expire and the alarm record it. Then each end has its event, and cascades have none beside theirs.
    pub(crate) fn end(&mut self) {
        self.ledger.pass(1_000_000_000);
        self.ledger.sweep_all();
        self.look();
        for (token, state) in self.ledger.tokens.iter().zip(self.ledger.states()) {
            let types = ends_of_token(&self.ledger, &token.token_id);
            let types: Vec<_> = types.iter().map(|event| event.event_type.as_str()).collect();
            let emits_expiry = token.kind == TokenKind::ConnectionToken;
            let expected: &[&str] = match state.death().map(|death| death.status) {
                Some(DeadStatus::Expired) if emits_expiry && has_expired(&self.ledger, token) => &["token.expired"],
                Some(DeadStatus::Consumed) if token.kind == TokenKind::ConnectionToken => &["token.consumed"],
                Some(DeadStatus::Revoked) if token.end.is_some() => &["token.revoked"],
                Some(DeadStatus::Consumed) => continue,
                Some(DeadStatus::Expired | DeadStatus::Revoked) => &[],
                None => {
                    assert!(token.expires_at.is_none(), "{token:?} outlives its expiry");
                    &[]
                }
            };
            assert_eq!(types, expected, "{token:?}");
        }
        self.assert_events_of_connections();
    }

    fn assert_events_of_connections(&self) {
        for (connection, status) in self.ledger.connections.iter().zip(self.ledger.connection_statuses()) {
            let types = ends_of_connection(&self.ledger, &connection.id);
            let types: Vec<_> = types.iter().map(|event| event.event_type.as_str()).collect();
            let is_cut_off = self.ledger.cutoffs.iter().any(|cutoff| {
                let is_cause =
                    connection.recorded.at == cutoff.at && connection.recorded.by.as_ref() == Some(&cutoff.by);
                is_cause && cutoff_matches_connection(cutoff, connection)
            });
            let has_provider = connection.provider.is_some();
            let expected: &[&str] = match status {
                ConnectionStatus::Revoked if is_cut_off && !has_provider => &[],
                ConnectionStatus::Revoked => &["connection.revoked"],
                ConnectionStatus::Expired => &["connection.expired"],
                _ => &[],
            };
            assert_eq!(types, expected, "{connection:?}");
            assert_eq!(connection.end_recorded, status.is_final(), "{connection:?}");
        }
    }
}

/// Re-authorization is required: no token is added under a connection that was dead.
pub(crate) fn assert_no_token_under_the_dead(before: &Ledger, after: &Ledger) {
    let statuses = before.connections.iter().zip(before.connection_statuses());
    let dead: HashSet<_> =
        statuses.filter(|(_, status)| status.is_dead()).map(|(connection, _)| &connection.id).collect();
    for token in &after.tokens[before.tokens.len()..] {
        let under = token.facts.connection_id.as_ref();
        assert!(under.is_none_or(|id| !dead.contains(id)), "issued under a dead connection: {token:?}");
    }
}

/// Checks that a credential changes its state only as the command allows, and that its secret is kept until then.
pub(crate) fn assert_credentials_are_kept(before: &Ledger, after: &Ledger, command: &str) {
    use CredentialState::{Abandoned, Dismissed, Gone, Held, Revoked, Revoking, Unsupported};
    for was in &before.credentials {
        let Some(is) = after.credentials.iter().find(|credential| credential.seq == was.seq) else {
            assert_eq!((was.state, command), (Held, "store_credentials"), "only a `held` credential is replaced");
            continue;
        };
        let is_allowed = match (was.state, is.state) {
            (was, is) if was == is => true,
            (Held, Revoking) => is_connection_dead(after, is),
            (Held, Dismissed) => command == "delete_connection",
            (Revoking, Revoked | Gone | Unsupported | Abandoned) | (Abandoned, Revoked | Gone) => {
                command == "record_attempts"
            }
            (Revoking | Abandoned, Dismissed) | (Abandoned, Revoking) => command == "manage_revocation",
            _ => false,
        };
        assert!(is_allowed, "{command} took a credential from {:?} to {:?}", was.state, is.state);
        assert_eq!(is.due_at.is_some(), is.state == Revoking, "{is:?}");
    }
}

fn is_connection_dead(ledger: &Ledger, credential: &Credential) -> bool {
    ledger.connection(&credential.connection_id).unwrap().recorded.status.is_dead()
}

/// Checks that a repeated request gets the stored answer, or is refused for a reason.
pub(crate) fn assert_repetition<C: Runnable>(before: &Ledger, request: &Request<C>, reply: &Reply<C::Outcome>) {
    let Some(idempotency) = &request.idempotency else {
        return assert_eq!(reply.replayed, None);
    };
    // A caller that lost access is refused the stored answer, too.
    let has_access = |error: &DecisionError| {
        use DecisionError::{Forbidden, KeyNotActive, NotConnectable, NotFound, WrongClient};
        !matches!(error, Forbidden | KeyNotActive | NotConnectable | NotFound(_) | WrongClient)
    };
    if reply.outcome.as_ref().is_err_and(|error| !has_access(error)) {
        return;
    }
    let stored = before.stored.iter().find(|stored| stored.idempotency.key == idempotency.key);
    match stored {
        None => assert_eq!(reply.replayed, None),
        // Issued tokens are not given again if they or the connection are dead or disabled, nor after the grace period.
        Some(stored) if issues::<C>() && reply.replayed.is_none() => {
            let is_over = matches!(
                reply.outcome,
                Err(DecisionError::InvalidConnectionState(_)
                    | DecisionError::TokenNotActive(_)
                    | DecisionError::NotConnectable)
            );
            let is_late = reply.outcome.is_ok() && idempotency.grace.is_some();
            let is_other =
                reply.outcome == Err(DecisionError::IdempotencyConflict) && stored.idempotency != *idempotency;
            assert!(is_over || is_late || is_other, "{stored:?} became {reply:?}");
        }
        Some(stored) if stored.idempotency == *idempotency || reply.replayed.is_some() => {
            let is_same = stored.idempotency == *idempotency || idempotency.grace.is_some();
            assert!(is_same, "the answer to another request: {request:?}");
            let outcome = serde_json::to_string(reply.outcome.as_ref().unwrap()).unwrap();
            // It is the stored answer, except that nothing is called usable that is not any more.
            let says_usable =
                outcome.contains(r#""state":"valid""#) || outcome.contains(r#""state":{"status":"active""#);
            assert!(outcome == stored.outcome || !says_usable, "{outcome} is not {}", stored.outcome);
            assert_eq!(reply.replayed.as_ref(), Some(&stored.minted));
        }
        Some(_) => assert_eq!(reply.outcome, Err(DecisionError::IdempotencyConflict)),
    }
}

fn issues<C: UserCommand>() -> bool {
    C::IDEMPOTENCY == Idempotency::Issues
}
