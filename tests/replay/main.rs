//! Runs the core natively over histories that a service has lived through, so that the two can be compared.
//!
//! Reads a script as lines of JSON and answers each with a line: `{"history", "apps", "grace", "at"}` starts a ledger,
//! `{"at", "number", "trial", "move"}` is a request that is decided at that time, on a copy where it is on trial, and
//! `{"end"}` tells of all deaths until then. Things are named by the number of the request that made them and a letter,
//! as [`names`] has it.

// As in the core's suite: what is wrong with a script is to end the run.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

// Of these, the core's suite needs more than this does.
#[allow(dead_code, unused_imports)]
#[path = "../core/kit.rs"]
mod kit;
#[allow(dead_code)]
#[path = "../core/model.rs"]
mod model;
#[allow(dead_code)]
#[path = "../core/vectors.rs"]
mod vectors;

mod moves;
mod names;
mod said;

use std::io::{BufRead, Write};

use hookswitch::core::{Role, Timestamp};
use serde_json::{Value, json};

use self::model::Ledger;
use self::moves::Cast;

fn main() {
    let mut history: Option<(Ledger, Cast)> = None;
    let (input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    for line in input.lines() {
        let line: Value = serde_json::from_str(&line.expect("lines of text")).expect("lines of JSON");
        let answer = if line.get("history").is_some() {
            history = Some(start(&line));
            json!({})
        } else {
            let (ledger, cast) = history.as_mut().expect("a history is started first");
            match line.get("end") {
                Some(end) => finish(ledger, time(end)),
                None => run(ledger, cast, &line),
            }
        };
        writeln!(output, "{answer}").expect("somebody to answer");
    }
}

fn time(value: &Value) -> Timestamp {
    Timestamp::from_micros(value.as_i64().expect("a time in microseconds"))
}

fn start(line: &Value) -> (Ledger, Cast) {
    let cast = Cast::of(line);
    let profile = kit::profile(Role::Member, &[]);
    let mut user = kit::user(cast.user.as_str(), profile);
    (user.created_at, user.updated_at) = (time(&line["at"]), time(&line["at"]));
    let mut ledger = Ledger::of(user);
    ledger.pass_until(time(&line["at"]));
    (ledger, cast)
}

/// Decides a request at its time.
fn run(ledger: &mut Ledger, cast: &Cast, line: &Value) -> Value {
    let number = line["number"].as_u64().expect("the number of a request");
    let request = cast.request(&line["move"], number);
    let mut copy = ledger.clone();
    copy.pass_until(time(&line["at"]));
    let (answer, writes) = copy.run(&request);
    if line["trial"] != json!(true) {
        *ledger = copy;
    } else if writes.events.is_empty() {
        // What is written and not told, as that a replaced token is meant to be gone, nobody can tell the time of.
        ledger.take_over(copy);
    }
    json!({ "outcome": said::outcome(&line["move"], &answer), "told": !writes.events.is_empty() })
}

/// Tells of every death until then, and answers with all that was told.
fn finish(ledger: &mut Ledger, end: Timestamp) -> Value {
    ledger.pass_until(end);
    while !ledger.sweep(100).is_empty() || !ledger.cutoffs.is_empty() {}
    let events: Vec<_> = ledger.events.iter().map(said::event).collect();
    json!({ "outcome": {}, "told": false, "events": events })
}
