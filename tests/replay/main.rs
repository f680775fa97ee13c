//! Compares histories of a running service with the core.
//!
//! Each line of the input is the JSON of a history, as [`history`] describes it. For each line the program writes a line:
//! `{}` if the core, run alone on some order of the requests, gives the same answers and emits the same events; or
//! `{"why"}` if no such order exists. Tokens and connections have the names that [`names`] describes.

// As in the tests of the core, an input that is wrong ends the program.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

// The tests of the core need more of these.
#[allow(dead_code)]
#[path = "../core/kit.rs"]
mod kit;
#[allow(dead_code)]
#[path = "../core/ledger.rs"]
mod ledger;

mod answers;
mod history;
mod moves;
mod names;
mod search;

use std::io::{BufRead, Write};

use serde_json::{Value, json};

use self::history::History;

fn main() {
    let (input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    for line in input.lines() {
        let line: Value = serde_json::from_str(&line.expect("a line of text")).expect("a line of JSON");
        let answer = match search::find_order(&History::of(&line)) {
            Ok(()) => json!({}),
            Err(why) => json!({ "why": why }),
        };
        writeln!(output, "{answer}").expect("a reader of the output");
    }
}
