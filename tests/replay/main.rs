//! Runs the core natively over histories that a service has lived through, so that the two can be compared.
//!
//! Reads a history as a line of JSON, as [`history`] has it, and answers with a line: `{}` where the core, run alone on
//! some order of its requests, says and tells all that was seen, and `{"why"}` where there is none. Things are named by
//! the number of the request that made them and a letter, as [`names`] has it.

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

mod history;
mod moves;
mod names;
mod order;
mod said;

use std::io::{BufRead, Write};

use serde_json::{Value, json};

use self::history::History;

fn main() {
    let (input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    for line in input.lines() {
        let line: Value = serde_json::from_str(&line.expect("lines of text")).expect("lines of JSON");
        let answer = match order::find(&History::of(&line)) {
            Ok(()) => json!({}),
            Err(why) => json!({ "why": why }),
        };
        writeln!(output, "{answer}").expect("somebody to answer");
    }
}
