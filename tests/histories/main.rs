//! Random histories of the ledger in SQL and of the model of the core's tests: both give the same replies.
//!
//! `cargo test --no-default-features --features in-memory --test histories`

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails may panic"
)]
#![allow(dead_code, reason = "the tests of the core need more of their modules")]

#[path = "../core/events.rs"]
mod events;
#[path = "../core/history.rs"]
mod history;
#[path = "../core/kit.rs"]
mod kit;
#[path = "../core/ledger.rs"]
mod ledger;
#[path = "../core/observed.rs"]
mod observed;
#[path = "../core/promises.rs"]
mod promises;
#[path = "../core/steps.rs"]
mod steps;

mod sql_ledger;

use proptest::prelude::*;

use self::history::History;
use self::sql_ledger::SqlLedger;
use self::steps::{ConnectionStep, Step, steps};

/// Whether the step is about credentials of providers: their row numbers differ.
fn is_about_credentials(step: &Step) -> bool {
    matches!(
        step,
        Step::OfConnection(_, _, ConnectionStep::Store(_)) | Step::ManageRevocation(..) | Step::RecordAttempt(..)
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ledger_in_sql_and_model_give_the_same_replies(steps in steps()) {
        let mut history = History::mirrored(Box::new(SqlLedger::new()));
        for step in steps.into_iter().filter(|step| !is_about_credentials(step)) {
            history.take(step);
        }
        history.end();
    }
}
