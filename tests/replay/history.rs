//! A history of a service: `{"history", "apps", "grace", "from", "until", "requests", "events"}`.
//!
//! - A request is `{"number", "makes", "start", "end", "at", "move", "seen"}`. `makes` is the number in the names of what
//!   the request created, `start` and `end` are times of the clients' clock, and `at` is the ledger's time or null.
//! - An event is `{"at", "actor", "line"}`.
//!
//! The ledger's times are microseconds since the epoch.

use std::collections::BTreeMap;

use hookswitch::core::{Event, Role, Timestamp};
use serde_json::Value;

use crate::ledger::Ledger;
use crate::moves::Cast;
use crate::{answers, kit};

/// A history, as its clients and the audit trail show it.
pub(crate) struct History {
    pub(crate) cast: Cast,
    /// When the user was created.
    pub(crate) from: Timestamp,
    /// A time after every expiry and after the last answer.
    pub(crate) until: Timestamp,
    pub(crate) requests: Vec<Sent>,
    /// The lines of all events, sorted.
    pub(crate) events: Vec<String>,
    /// The sorted lines of the events that a request caused, by time. Nobody requests an expiry.
    pub(crate) caused: BTreeMap<Timestamp, Vec<String>>,
}

/// A request that was sent, and its answer.
pub(crate) struct Sent {
    pub(crate) number: u64,
    pub(crate) makes: u64,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) at: Option<Timestamp>,
    pub(crate) step: Value,
    pub(crate) seen: Value,
}

impl Sent {
    /// Whether this request was answered before the other was sent, and so was decided before it.
    pub(crate) const fn precedes(&self, other: &Self) -> bool {
        self.end < other.start
    }
}

impl History {
    pub(crate) fn of(line: &Value) -> Self {
        let (mut events, mut caused) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
        for event in list(&line["events"]) {
            let text = event["line"].as_str().expect("the line of an event").to_owned();
            if event["actor"] != "system" {
                caused.entry(time(&event["at"])).or_default().push(text.clone());
            }
            events.push(text);
        }
        events.sort();
        for lines in caused.values_mut() {
            lines.sort();
        }
        Self {
            cast: Cast::of(line),
            from: time(&line["from"]),
            until: time(&line["until"]),
            requests: list(&line["requests"]).iter().map(sent).collect(),
            events,
            caused,
        }
    }

    /// The ledger at the beginning.
    pub(crate) fn ledger(&self) -> Ledger {
        let mut user = kit::user(self.cast.user.as_str(), kit::profile(Role::Member, &[]));
        (user.created_at, user.updated_at) = (self.from, self.from);
        let mut ledger = Ledger::of(user);
        ledger.pass_until(self.from);
        ledger
    }
}

/// The sorted lines of events.
pub(crate) fn lines<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<String> {
    let mut lines: Vec<_> = events.map(answers::event).collect();
    lines.sort();
    lines
}

fn sent(request: &Value) -> Sent {
    let count = |name: &str| request[name].as_u64().unwrap_or_else(|| panic!("a request has a {name}"));
    Sent {
        number: count("number"),
        makes: count("makes"),
        start: count("start"),
        end: count("end"),
        at: Some(&request["at"]).filter(|at| !at.is_null()).map(time),
        step: request["move"].clone(),
        seen: request["seen"].clone(),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn time(value: &Value) -> Timestamp {
    Timestamp::from_micros(value.as_i64().expect("a time in microseconds"))
}
