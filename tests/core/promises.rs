//! What has to hold of a ledger at every moment of its history.

use std::collections::HashSet;

use hookswitch::core::connection::ConnectionStatus;
use hookswitch::core::order::Cut;
use hookswitch::core::view::Writes;
use hookswitch::core::{Answer, Command, Outcome, Principal, Refusal, Request, Standing, TokenKind};

use crate::history::History;
use crate::kit::{self, user_id};
use crate::model::{Ledger, count, covers};
use crate::steps::OWNER;
use crate::telling::{connection_deaths, deaths};

impl History {
    /// No way back: nothing is issued under a connection that was dead, and nothing brings it to life.
    pub(crate) fn nothing_came_of_what_is_dead(&self, before: &Ledger, writes: &Writes) {
        let statuses = before.connections.iter().zip(before.connection_statuses());
        let dead: HashSet<_> =
            statuses.filter(|(_, status)| status.is_dead()).map(|(connection, _)| connection.id.clone()).collect();
        for token in &self.ledger.tokens[before.tokens.len()..] {
            let under = token.facts.connection_id.as_ref();
            assert!(under.is_none_or(|id| !dead.contains(id)), "issued under the dead: {token:?} {writes:?}");
        }
    }

    /// Looks at every token and every connection, as a check would.
    pub(crate) fn look(&mut self) {
        for (token, standing) in self.ledger.tokens.iter().zip(self.ledger.standings()) {
            let key = self.ledger.authenticate(&token.digest);
            assert_eq!(key.is_some(), token.kind == TokenKind::ApiKey && standing == Standing::Valid);
            if standing.status().is_terminal() {
                let first = self.died.entry(token.digest.clone()).or_insert_with(|| standing.clone());
                assert_eq!(*first, standing, "the first end is the end");
            } else {
                assert!(!self.died.contains_key(&token.digest), "terminal is terminal: {token:?}");
                assert!(!self.revoked.contains(&token.digest), "revoked means revoked: {token:?}");
            }
            let told = deaths(&self.ledger, &token.token_id).len();
            assert!(told <= 1, "told once: {token:?}");
            assert_eq!(told == 1, token.settled, "told with the write that records it: {token:?}");
        }
        for count in self.consumed.values() {
            assert_eq!(*count, 1, "consumed once");
        }
        self.look_at_connections();
    }

    pub(crate) fn look_at_connections(&mut self) {
        let standings = self.ledger.standings();
        for (connection, status) in self.ledger.connections.iter().zip(self.ledger.connection_statuses()) {
            let tokens = self.ledger.tokens.iter().zip(&standings);
            let mut under = tokens.filter(|(token, _)| token.facts.connection_id.as_ref() == Some(&connection.id));
            if status.is_dead() {
                let first = self.ended.entry(connection.id.clone()).or_insert(status);
                assert_eq!(*first, status, "the first end of a connection is the end");
                let alive = under.find(|(_, standing)| !standing.status().is_terminal());
                assert_eq!(alive, None, "all or nothing: {connection:?}");
            } else {
                assert!(!self.ended.contains_key(&connection.id), "no way back: {connection:?}");
                let off = status == ConnectionStatus::Inactive;
                let usable = if off { Standing::Valid } else { Standing::Inactive };
                assert!(under.all(|(_, standing)| *standing != usable), "{status:?}: {connection:?}");
            }
            let told = connection_deaths(&self.ledger, &connection.id).len();
            assert!(told <= 1, "told once: {connection:?}");
            assert_eq!(told == 1, connection.settled, "told with the write that records it: {connection:?}");
        }
    }

    /// What a dry run counts is what the real one would kill now.
    pub(crate) fn counts_tell_what_dies(&self, principal: &Principal, cut: &Cut) {
        let ask = |dry_run| {
            let mut ledger = self.ledger.clone();
            let command = Command::RevokeUser { user_id: user_id(OWNER), cut: cut.clone(), dry_run };
            let (answer, writes) = ledger.run(&kit::once(principal, command, 0));
            (ledger, answer.outcome, writes)
        };
        let ((_, dry, nothing), (after, real, _)) = (ask(true), ask(false));
        assert!(nothing.is_empty(), "a dry run writes nothing");
        let (counted, revoked) = match (dry, real) {
            (
                Ok(Outcome::UserRevoked { revoked: counted, dry_run: true, .. }),
                Ok(Outcome::UserRevoked { revoked, dry_run: false, .. }),
            ) => (counted, revoked),
            (dry, real) => return assert_eq!(dry, real, "refused alike"),
        };
        assert_eq!(counted, revoked);
        // Looked at in one moment: what runs out meanwhile was not killed.
        let mut before = self.ledger.clone();
        before.pass_until(after.now());
        let standings = before.standings().into_iter().zip(after.standings());
        let killed = self.ledger.tokens.iter().zip(standings).filter(|(_, (was, is))| was != is);
        let mut died = count(killed.map(|(token, _)| token));
        let statuses = before.connection_statuses().into_iter().zip(after.connection_statuses());
        died.connections = statuses.filter(|(was, is)| was != is).count() as u64;
        assert_eq!(counted, died);
    }

    pub(crate) fn newest_is_covered_by_no_cutoff(&self) {
        let token = self.ledger.tokens.last().unwrap();
        assert!(!self.ledger.cutoffs.iter().any(|cutoff| covers(cutoff, token)), "{:?}", self.ledger);
        assert_eq!(self.ledger.standings().last(), Some(&Standing::Valid));
    }

    /// Lets the alarm finish, and looks whether every death was told, as what it was.
    pub(crate) fn end(mut self) {
        while !self.ledger.sweep(3).is_empty() || !self.ledger.cutoffs.is_empty() {
            self.look();
        }
        self.look();
        for (token, standing) in self.ledger.tokens.iter().zip(self.ledger.standings()) {
            match (&standing, deaths(&self.ledger, &token.token_id).as_slice()) {
                (Standing::Valid | Standing::Inactive, []) => {}
                (Standing::Dead { status, at, by, reason }, [event]) => {
                    assert_eq!(event.event_type.as_str(), format!("token.{}", status.as_str()));
                    assert_eq!(event.at, *at);
                    assert_eq!(event.actor.as_str(), by.as_ref().map_or("system", |by| by.as_str()));
                    let told = reason.as_ref().is_none_or(|reason| event.data.as_str().contains(reason.as_str()));
                    assert!(told, "{event:?} leaves out {reason:?}");
                }
                (_, told) => panic!("{standing:?} was told as {told:?}"),
            }
        }
        for (connection, status) in self.ledger.connections.iter().zip(self.ledger.connection_statuses()) {
            match (status.is_dead(), connection_deaths(&self.ledger, &connection.id).as_slice()) {
                (false, []) => {}
                (true, [event]) => {
                    assert_eq!(event.event_type.as_str(), format!("connection.{}", status.as_str()));
                    assert_eq!(event.at, connection.recorded.at);
                }
                (_, told) => panic!("{connection:?} was told as {told:?}"),
            }
        }
    }
}

pub(crate) fn repetitions_are_answered_alike(before: &Ledger, request: &Request, answer: &Answer) {
    let Some(retry) = &request.retry else {
        return assert_eq!(answer.replayed, None);
    };
    // Who was allowed and is no more is refused, even what it was answered before.
    if matches!(answer.outcome, Err(Refusal::Forbidden | Refusal::TokenUnknown | Refusal::TokenOfAnother)) {
        return;
    }
    match before.earlier.iter().find(|earlier| earlier.retry.key == retry.key) {
        None => assert_eq!(answer.replayed, None),
        // What was issued is not given out again when it or its connection is dead or off, nor after its grace.
        Some(earlier) if request.command.issues() && answer.replayed.is_none() => {
            let off = matches!(answer.outcome, Err(Refusal::ConnectionIs(_) | Refusal::Dead(_)));
            let late = matches!(answer.outcome, Ok(Outcome::Replayed(_))) && retry.grace.is_some();
            let other = answer.outcome == Err(Refusal::IdempotencyConflict) && earlier.retry != *retry;
            assert!(off || late || other, "{earlier:?} became {answer:?}");
        }
        Some(earlier) if earlier.retry == *retry || answer.replayed.is_some() => {
            assert!(earlier.retry == *retry || retry.grace.is_some(), "another request's answer: {request:?}");
            assert_eq!(answer.outcome.as_ref(), Ok(&earlier.outcome));
            assert_eq!(answer.replayed.as_ref(), Some(&earlier.minting));
        }
        Some(_) => assert_eq!(answer.outcome, Err(Refusal::IdempotencyConflict)),
    }
}
