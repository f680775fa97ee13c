//! Two neighbouring versions of the code over the same tables and messages.

use hookswitch::core::decide::tokens::CheckTokens;
use hookswitch::core::{Reply, Status};
use hookswitch::ledger::{LedgerCode, StorageError};

use crate::kit::Ledger;

#[test]
fn rows_with_a_column_more_are_read_and_written() {
    let mut ledger = Ledger::with_user();
    let token = ledger.mint(60);
    for table in ["user", "tokens", "connections", "credentials", "cutoffs", "events", "stored_responses"] {
        ledger.execute(&format!("ALTER TABLE {table} ADD COLUMN added TEXT"));
    }
    ledger.execute("UPDATE schema SET version = 2");
    ledger.restart();
    assert_eq!(ledger.check(&token), Some(Status::Valid));
    ledger.consume(&token).unwrap();
    let id = ledger.connect("app-1");
    ledger.issue(&id);
    assert_eq!(ledger.number("SELECT version FROM schema"), 2, "older code does not lower the version");
}

#[test]
fn tables_that_require_a_newer_reader_are_not_touched() {
    let mut ledger = Ledger::with_user();
    let token = ledger.mint(60);
    ledger.execute("UPDATE schema SET version = 2, min_reader = 2");
    ledger.restart();
    let (request, _) = ledger.request(CheckTokens { tokens: vec![token] });
    let error = ledger.send(&request).unwrap_err();
    assert_eq!(error, StorageError::SchemaTooNew { min_reader: 2, version: 1 });
}

#[test]
fn message_of_a_newer_version_is_refused_and_changes_nothing() {
    let ledger = Ledger::with_user();
    let token = ledger.mint(60);
    let (request, _) = ledger.request(hookswitch::core::decide::tokens::ConsumeToken { token: token.clone() });
    let message = request.message().unwrap();
    let newer = message.replacen("\"version\":1", "\"version\":2", 1);
    assert_ne!(message, newer);
    let error = ledger.code.answer(&ledger.sql, &newer, &ledger.context()).unwrap_err();
    assert_eq!(error, StorageError::MessageVersion { version: 2, max: 1 });
    assert_eq!(ledger.check(&token), Some(Status::Valid));
}

#[test]
fn message_with_a_field_more_or_an_optional_field_less_is_read() {
    let ledger = Ledger::with_user();
    let token = ledger.mint(60);
    let (request, _) = ledger.request(CheckTokens { tokens: vec![token] });
    let message = request.message().unwrap();
    let more = message.replacen("\"request\":{", "\"added\":1,\"request\":{\"added\":[2],", 1);
    let mut less: serde_json::Value = serde_json::from_str(&message).unwrap();
    less["request"].as_object_mut().unwrap().remove("minted");
    for message in [more, less.to_string()] {
        let answer = ledger.code.answer(&ledger.sql, &message, &ledger.context()).unwrap();
        let reply: Reply<hookswitch::core::decide::tokens::Checked> = serde_json::from_str(&answer.reply).unwrap();
        assert!(reply.outcome.unwrap().verdicts[0].is_some());
    }
}

#[test]
fn command_of_another_class_or_version_is_refused() {
    let ledger = Ledger::with_user();
    let message = r#"{"version":1,"command":"get_app","request":{"principal":"root","command":{"app_id":"a"}}}"#;
    let error = ledger.code.answer(&ledger.sql, message, &ledger.context()).unwrap_err();
    assert_eq!(error, StorageError::UnknownCommand);
}

#[test]
fn failing_storage_writes_nothing_and_shows_no_verdict() {
    let ledger = Ledger::with_user();
    let token = ledger.mint(60);
    for failing in ["INSERT INTO events", "UPDATE tokens", "FROM tokens"] {
        *ledger.sql.failing.borrow_mut() = Some(failing.to_owned());
        let (request, _) = ledger.request(hookswitch::core::decide::tokens::ConsumeToken { token: token.clone() });
        assert!(ledger.send(&request).is_err(), "{failing}");
    }
    *ledger.sql.failing.borrow_mut() = None;
    assert_eq!(ledger.check(&token), Some(Status::Valid));
    ledger.consume(&token).unwrap();
}
