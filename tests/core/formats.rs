//! JSON that is stored or sent: messages between Worker and ledger, stored answers, copies of verdicts, stored records.
//!
//! The files next to this one pin one line for each value: a name and its JSON. Two neighbouring versions of the code read
//! each other's JSON while a deployment rolls out, so a line must not change. A new member is optional when it is read.
//! `UPDATE_FORMATS=1` writes the files again.

mod commands;
mod errors;
mod outcomes;
mod records;
mod values;

use std::fmt::Debug;

use hookswitch::core::command::Message;
use hookswitch::core::{Command, Reply, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The lines of one file.
#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    /// Adds a value, after its JSON was read back with members more and members less.
    fn add<T: Serialize + DeserializeOwned + PartialEq + Debug>(&mut self, name: &str, value: &T) {
        let text = serde_json::to_string(value).unwrap();
        for text in [text.clone(), with_unknown_members(&text), without_null_members(&text)] {
            let read: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error} in {text}"));
            assert_eq!(&read, value, "{name}: {text}");
        }
        self.0.push(format!("{name} {text}"));
    }

    /// Adds the message of a request.
    fn add_request<C: Command + PartialEq + Debug + Clone>(&mut self, request: &Request<C>) {
        let text = request.message().unwrap();
        let message: Message<'_> = serde_json::from_str(&text).unwrap();
        assert_eq!((message.version, message.command), (1, C::NAME));
        let mut check = Self::default();
        check.add(C::NAME, request);
        assert_eq!(check.0, [format!("{} {}", C::NAME, message.request.get())]);
        self.0.push(text);
    }

    /// Adds the reply of a command with this outcome.
    fn add_outcome<C: Command<Outcome: PartialEq + Debug>>(&mut self, outcome: C::Outcome) {
        self.add(C::NAME, &Reply { outcome: Ok(outcome), replayed: None });
    }

    /// Compares the lines with the file.
    fn assert_unchanged(&self, file: &str) {
        let path = format!("{}/tests/core/formats/{file}.txt", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE_FORMATS").is_some() {
            std::fs::write(&path, self.0.join("\n") + "\n").unwrap();
        }
        let pinned = std::fs::read_to_string(&path).unwrap();
        for (line, pinned) in self.0.iter().zip(pinned.lines()) {
            assert_eq!(line, pinned, "{file}.txt");
        }
        assert_eq!(self.0.len(), pinned.lines().count(), "{file}.txt");
    }
}

/// The members whose objects belong to callers.
const FOREIGN: [&str; 2] = ["metadata", "data"];

/// The text as a later version would write it: each object has a member more. An object with one member may be the variant
/// of an enum and stays.
fn with_unknown_members(text: &str) -> String {
    fn extend(value: &mut Value) {
        match value {
            Value::Object(members) => {
                let foreign = |name: &String| FOREIGN.contains(&name.as_str());
                members.iter_mut().filter(|(name, _)| !foreign(name)).for_each(|(_, value)| extend(value));
                if members.len() > 1 {
                    members.insert("added_later".to_owned(), Value::from(vec![1]));
                }
            }
            Value::Array(items) => items.iter_mut().for_each(extend),
            _ => {}
        }
    }
    changed(text, extend)
}

/// The text as an earlier version would write it, which knows none of the optional members.
fn without_null_members(text: &str) -> String {
    fn shorten(value: &mut Value) {
        match value {
            Value::Object(members) => {
                // `null` in the place of `Ok` is the outcome of a command that has none.
                members.retain(|name, value| !value.is_null() || name == "Ok");
                members.values_mut().for_each(shorten);
            }
            Value::Array(items) => items.iter_mut().for_each(shorten),
            _ => {}
        }
    }
    changed(text, shorten)
}

fn changed(text: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(text).unwrap();
    change(&mut value);
    value.to_string()
}
