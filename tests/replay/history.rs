//! What was seen of a history: `{"history", "apps", "grace", "from", "until", "requests", "events"}`.
//!
//! - a request: `{"number", "makes", "start", "end", "at", "move", "seen"}`, where `makes` is the number that what it
//!   made is named by, `start` and `end` are of its clients' clock, and `at` is the ledger's time of it or null;
//! - an event: `{"at", "actor", "line"}`.
//!
//! The ledger's times are microseconds since the epoch.

use std::collections::BTreeMap;

use hookswitch::core::{Event, Role, Timestamp};
use serde_json::Value;

use crate::model::Ledger;
use crate::moves::Cast;
use crate::{kit, said};

/// A history, as its clients and the audit trail have it.
pub(crate) struct History {
    pub(crate) cast: Cast,
    /// When its user was put.
    pub(crate) from: Timestamp,
    /// When all that was to run out had done so, and the last request was answered.
    pub(crate) until: Timestamp,
    pub(crate) asked: Vec<Asked>,
    /// All lines of the audit trail, sorted.
    pub(crate) told: Vec<String>,
    /// The sorted lines of what somebody did, by time. What ran out was nobody's request.
    pub(crate) done: BTreeMap<Timestamp, Vec<String>>,
}

/// A request, and what was seen of it.
pub(crate) struct Asked {
    pub(crate) number: u64,
    pub(crate) makes: u64,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) at: Option<Timestamp>,
    pub(crate) of: Value,
    pub(crate) seen: Value,
}

impl Asked {
    /// Whether it was answered before the other was sent, and so decided before.
    pub(crate) const fn precedes(&self, other: &Self) -> bool {
        self.end < other.start
    }
}

impl History {
    pub(crate) fn of(line: &Value) -> Self {
        let (mut told, mut done) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
        for event in list(&line["events"]) {
            let text = event["line"].as_str().expect("the line of an event").to_owned();
            if event["actor"] != "system" {
                done.entry(time(&event["at"])).or_default().push(text.clone());
            }
            told.push(text);
        }
        told.sort();
        for lines in done.values_mut() {
            lines.sort();
        }
        Self {
            cast: Cast::of(line),
            from: time(&line["from"]),
            until: time(&line["until"]),
            asked: list(&line["requests"]).iter().map(asked).collect(),
            told,
            done,
        }
    }

    /// The ledger that it starts with.
    pub(crate) fn ledger(&self) -> Ledger {
        let mut user = kit::user(self.cast.user.as_str(), kit::profile(Role::Member, &[]));
        (user.created_at, user.updated_at) = (self.from, self.from);
        let mut ledger = Ledger::of(user);
        ledger.pass_until(self.from);
        ledger
    }
}

/// The sorted lines of these events.
pub(crate) fn lines<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<String> {
    let mut lines: Vec<_> = events.map(said::event).collect();
    lines.sort();
    lines
}

fn asked(of: &Value) -> Asked {
    let count = |name: &str| of[name].as_u64().unwrap_or_else(|| panic!("a request has a {name}"));
    Asked {
        number: count("number"),
        makes: count("makes"),
        start: count("start"),
        end: count("end"),
        at: Some(&of["at"]).filter(|at| !at.is_null()).map(time),
        of: of["move"].clone(),
        seen: of["seen"].clone(),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn time(value: &Value) -> Timestamp {
    Timestamp::from_micros(value.as_i64().expect("a time in microseconds"))
}
