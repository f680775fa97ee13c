//! The source of verdicts: memory, ledger and KV, each fast, slow or down.

use std::time::Duration;

use hookswitch::core::{DecisionError, Source, Status, UserId};
use hookswitch::operations::in_memory::Behaviour;
use hookswitch::operations::tokens::{Check, Created, Revoke};
use hookswitch::operations::{ApiError, Hedge, LedgerUnavailable, tokens};

use crate::kit::{Deployment, member, refusal};

const FAST: Behaviour = Behaviour::slow(0);
const SLOW: Behaviour = Behaviour::slow(200);
const DOWN: Behaviour = Behaviour::down_after(0);
const DOWN_LATE: Behaviour = Behaviour::down_after(200);

const NOW: Hedge = Hedge::After(Duration::ZERO);

impl Deployment {
    fn check(&self, token: &Created) -> Result<(Status, Source), ApiError> {
        let check = Check { token: self.open(&token.secret), user_id: None };
        let verdict = self.run(tokens::check(&self.root(), check))?;
        Ok((verdict.status(), verdict.source()))
    }

    fn revoke(&self, token: &Created) {
        let revoke = Revoke { token: self.open(&token.secret), user_id: None, reason: None };
        self.run(tokens::revoke(&self.root(), revoke)).unwrap();
    }

    fn forget(&self) {
        self.platform.memory.clear();
        let _ = (self.platform.records.take_reads(), self.platform.records.take_writes());
        self.calls();
    }
}

/// The answers of a check of a live and of a revoked token, how many KV reads each costs, and after how many milliseconds.
#[test]
fn check_answers_from_ledger_or_kv() {
    let unavailable = Err(ApiError::Unavailable(LedgerUnavailable));
    let live = || Ok((Status::Valid, Source::Ledger));
    let by_ledger = || Ok((Status::Revoked, Source::Ledger));
    let by_record = || Ok((Status::Revoked, Source::Replica));
    let no = || unavailable.clone();
    let table = [
        // hedge, ledger, KV: live (answer, reads, milliseconds), revoked (answer, reads, milliseconds)
        (Hedge::DEFAULT, FAST, FAST, (live(), 0, 0), (by_ledger(), 0, 0)),
        (Hedge::DEFAULT, FAST, DOWN, (live(), 0, 0), (by_ledger(), 0, 0)),
        (Hedge::DEFAULT, FAST, SLOW, (live(), 0, 0), (by_ledger(), 0, 0)),
        (Hedge::DEFAULT, Behaviour::slow(49), FAST, (live(), 0, 49), (by_ledger(), 0, 49)),
        (Hedge::DEFAULT, SLOW, FAST, (live(), 1, 200), (by_record(), 1, 50)),
        (Hedge::DEFAULT, SLOW, SLOW, (live(), 1, 200), (by_ledger(), 1, 200)),
        (Hedge::DEFAULT, SLOW, DOWN, (live(), 1, 200), (by_ledger(), 1, 200)),
        (Hedge::DEFAULT, DOWN, FAST, (no(), 1, 0), (by_record(), 1, 0)),
        (Hedge::DEFAULT, DOWN, SLOW, (no(), 1, 200), (by_record(), 1, 200)),
        (Hedge::DEFAULT, DOWN, DOWN, (no(), 1, 0), (no(), 1, 0)),
        (Hedge::DEFAULT, DOWN_LATE, FAST, (no(), 1, 200), (by_record(), 1, 50)),
        (Hedge::DEFAULT, DOWN_LATE, SLOW, (no(), 1, 250), (by_record(), 1, 250)),
        (Hedge::DEFAULT, DOWN, Behaviour::slow(5_000), (no(), 1, 1_000), (no(), 1, 1_000)),
        (NOW, SLOW, FAST, (live(), 1, 200), (by_record(), 1, 0)),
        (NOW, SLOW, Behaviour::slow(20), (live(), 1, 200), (by_record(), 1, 20)),
        (NOW, DOWN, FAST, (no(), 1, 0), (by_record(), 1, 0)),
        (Hedge::OnFailure, SLOW, FAST, (live(), 0, 200), (by_ledger(), 0, 200)),
        (Hedge::OnFailure, DOWN, FAST, (no(), 1, 0), (by_record(), 1, 0)),
        (Hedge::OnFailure, DOWN_LATE, DOWN, (no(), 1, 200), (no(), 1, 200)),
    ];
    for (hedge, ledger, kv, live, revoked) in table {
        let deployment = Deployment::with_hedge(hedge);
        let timeline = &deployment.platform.timeline;
        let user_id = deployment.user("user-1");
        let (alive, dead) = (deployment.token(&user_id), deployment.token(&user_id));
        deployment.revoke(&dead);
        deployment.platform.ledgers.set(ledger);
        deployment.platform.records.set(kv);
        for (token, expected) in [(&alive, live), (&dead, revoked)] {
            deployment.forget();
            let start = timeline.elapsed();
            // The answer's time: deferred writes come after it.
            let check = Check { token: deployment.open(&token.secret), user_id: None };
            let (answer, millis) = deployment.run(async {
                let answer = tokens::check(&deployment.root(), check).await;
                (answer, timeline.elapsed().saturating_sub(start).as_millis())
            });
            let answer = answer.map(|verdict| (verdict.status(), verdict.source()));
            let got = (answer, deployment.platform.records.take_reads(), millis);
            assert_eq!(got, expected, "{hedge:?}, ledger {ledger:?}, KV {kv:?}");
        }
    }
}

#[test]
fn dead_token_is_answered_from_memory() {
    let deployment = Deployment::new();
    let token = deployment.token(&deployment.user("user-1"));
    deployment.revoke(&token);
    deployment.calls();
    deployment.platform.ledgers.set(DOWN);
    assert_eq!(deployment.check(&token), Ok((Status::Revoked, Source::Replica)));
    assert_eq!((deployment.calls(), deployment.platform.records.take_reads()), (0, 0));
}

#[test]
fn record_is_written_once_by_the_isolate_that_sees_the_dead_token() {
    let deployment = Deployment::new();
    let user_id = deployment.user("user-1");
    // Consumed: no record until somebody presents the token again elsewhere.
    let consumed = deployment.token(&user_id);
    deployment.run(tokens::consume(&deployment.root(), &deployment.open(&consumed.secret))).unwrap();
    assert_eq!(deployment.platform.records.take_writes(), 0);
    deployment.platform.memory.clear();
    for _ in 0..3 {
        deployment.check(&consumed).unwrap();
    }
    assert_eq!(deployment.platform.records.take_writes(), 1);
    // Revoked: one write.
    let revoked = deployment.token(&user_id);
    deployment.revoke(&revoked);
    deployment.revoke(&revoked);
    deployment.check(&revoked).unwrap();
    assert_eq!(deployment.platform.records.take_writes(), 1);
    // Read from KV: no write.
    deployment.forget();
    deployment.platform.ledgers.set(DOWN);
    deployment.check(&revoked).unwrap();
    assert_eq!((deployment.platform.records.take_reads(), deployment.platform.records.take_writes()), (1, 0));
    // Live: none.
    deployment.platform.ledgers.set(FAST);
    deployment.check(&deployment.token(&user_id)).unwrap();
    assert_eq!((deployment.platform.records.take_reads(), deployment.platform.records.take_writes()), (0, 0));
}

#[test]
fn presented_dead_token_gets_a_record_also_when_it_is_consumed() {
    let deployment = Deployment::new();
    let token = deployment.token(&deployment.user("user-1"));
    let named = deployment.open(&token.secret);
    deployment.run(tokens::consume(&deployment.root(), &named)).unwrap();
    let refused = refusal(deployment.run(tokens::consume(&deployment.root(), &named)));
    assert!(matches!(refused, DecisionError::TokenNotActive(_)));
    assert_eq!(deployment.platform.records.take_writes(), 1);
}

#[test]
fn token_revoked_by_its_public_id_is_rejected_by_its_secret_while_the_ledger_is_down() {
    let deployment = Deployment::new();
    let token = deployment.token(&deployment.user("user-1"));
    let public = deployment.open(token.verdict.token_id.as_str());
    let revoke = Revoke { token: public, user_id: None, reason: None };
    deployment.run(tokens::revoke(&deployment.root(), revoke)).unwrap();
    deployment.forget();
    deployment.platform.ledgers.set(DOWN);
    assert_eq!(deployment.check(&token), Ok((Status::Revoked, Source::Replica)));
}

#[test]
fn copy_is_shown_to_those_who_may_read_the_user() {
    let deployment = Deployment::new();
    let (owner, other) = (deployment.user("user-1"), deployment.user("user-2"));
    let token = deployment.token(&owner);
    deployment.revoke(&token);
    deployment.platform.ledgers.set(DOWN);
    let check = |user_id: &UserId| {
        let check = Check { token: deployment.open(&token.secret), user_id: None };
        deployment.run(tokens::check(&deployment.by(member(user_id)), check))
    };
    // From memory, and from KV.
    for _ in 0..2 {
        assert_eq!(check(&owner).map(|verdict| verdict.status()), Ok(Status::Revoked));
        assert_eq!(refusal(check(&other)), DecisionError::Forbidden);
        deployment.platform.memory.clear();
    }
}

#[test]
fn recent_expiry_is_not_remembered() {
    let deployment = Deployment::new();
    let token = deployment.token(&deployment.user("user-1"));
    deployment.clock.advance_seconds(601);
    assert_eq!(deployment.check(&token), Ok((Status::Expired, Source::Ledger)));
    assert_eq!(deployment.check(&token), Ok((Status::Expired, Source::Ledger)));
    deployment.clock.advance_seconds(10);
    assert_eq!(deployment.check(&token), Ok((Status::Expired, Source::Ledger)));
    assert_eq!(deployment.check(&token), Ok((Status::Expired, Source::Replica)));
}
