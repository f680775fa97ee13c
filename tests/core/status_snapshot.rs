//! What a page is told: known answers, which `tests/wasm` and the npm package's own tests are held to as well, and the
//! rules of the ledger, from which nothing that a page computes may differ.

use hookswitch::browser::locale::Locale;
use hookswitch::browser::words::{Tone, describe};
use hookswitch::core::connection::{ConnectionStanding, ConnectionStatus};
use hookswitch::core::form;
use hookswitch::core::reading::{Read, Reading};
use hookswitch::core::shown::Shown;
use hookswitch::core::status::connection_status;
use hookswitch::core::token::{End, How};
use hookswitch::core::{Actor, Connection, ConnectionVerdict, Status, Timestamp, Token, TokenKind, Verdict, status};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::kit::{connection, second, token, user_id};

fn vectors(name: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../vectors/page.json")).unwrap();
    all[name].as_array().unwrap().clone()
}

fn read(subject: &str, word: &str) -> Read {
    match subject {
        "token" => Read::Token(Status::parse(word).unwrap()),
        _ => Read::Connection(ConnectionStatus::parse(word).unwrap()),
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

fn time(value: &Value, name: &str) -> Option<Timestamp> {
    value[name].as_str().map(|text| Timestamp::parse_rfc3339(text).unwrap())
}

/// What is read of the body of `GET /v1/status`.
fn reading(body: &Value) -> Reading {
    Reading {
        read: read(text(body, "subject"), text(body, "status")),
        as_of: time(body, "as_of").unwrap(),
        created_at: time(body, "created_at").unwrap(),
        expires_at: time(body, "expires_at"),
        activated_at: time(body, "activated_at"),
        consumed_at: time(body, "consumed_at"),
        revoked_at: time(body, "revoked_at"),
    }
}

/// What a ticket shows.
fn shown(shown: &Shown) -> Reading {
    reading(&serde_json::from_str(&shown.body(second(100)).text()).unwrap())
}

#[test]
fn a_handle_is_recognised_by_its_form() {
    for vector in vectors("handles") {
        let canonical = form::canonical(text(&vector, "text"));
        assert_eq!(canonical.as_ref().map(|(form, _)| *form), form::recognise(text(&vector, "text")));
        let found = match &canonical {
            Some((form, canonical)) => {
                json!({ "kind": form.as_str(), "canonical": canonical, "secret": form.is_secret() })
            }
            None => json!({ "kind": null }),
        };
        for (name, value) in found.as_object().unwrap() {
            assert_eq!(&vector[name], value, "{name} of {vector}");
        }
    }
}

#[test]
fn a_status_that_was_read_is_computed_at_a_time() {
    for vector in vectors("standings") {
        let now = reading(&vector["status"]).at(time(&vector, "at").unwrap());
        let found = json!({
            "status": now.read.as_str(),
            "since": now.since.map(Timestamp::rfc3339),
            "terminal": now.read.is_terminal(),
            "endsAt": now.ends_at.map(Timestamp::rfc3339),
            "secondsLeft": now.seconds_left,
        });
        assert_eq!(found, vector["now"], "{}", vector["says"]);
    }
}

#[test]
fn a_status_is_said_in_the_language_that_fits_best() {
    for vector in vectors("words") {
        let locale = vector["asked"].as_str().map_or(Locale::En, Locale::fitting);
        let words = describe(read(text(&vector, "subject"), text(&vector, "status")), locale);
        let found = [words.label, words.tone.as_str(), words.locale.as_str()];
        assert_eq!(found, ["label", "tone", "locale"].map(|name| text(&vector, name)), "{vector}");
    }
}

/// Tokens that end in every way or in none, before second 5, and run out in second 10 or never; each with what it hangs
/// on.
fn tokens() -> Vec<(Token, Option<Connection>)> {
    let ends = [None, Some(How::Consumed), Some(How::Revoked)];
    let above =
        [None, Some(ConnectionStatus::Active), Some(ConnectionStatus::Inactive), Some(ConnectionStatus::Revoked)];
    let mut tokens = Vec::new();
    for expires_at in [None, Some(second(3)), Some(second(10))] {
        for end in ends {
            for above in above {
                let end = end.map(|how| End { how, at: second(2), by: Actor::root(), reason: None });
                let token = Token { expires_at, end, ..token(TokenKind::AccessToken, 1) };
                tokens.push((token, above.map(|status| standing_since(status, second(4)))));
            }
        }
    }
    tokens
}

fn standing_since(status: ConnectionStatus, at: Timestamp) -> Connection {
    let recorded = ConnectionStanding { status, at, by: Some(Actor::root()), reason: None };
    Connection { recorded, ..connection(1, status) }
}

#[test]
fn a_page_computes_what_the_ledger_would_say_of_a_token() {
    for (token, above) in tokens() {
        let say = |now| status(&token, above.as_ref(), &[], now);
        let said = say(second(5));
        let reading = shown(&Shown::of_token(&Verdict::of(&user_id("u"), &token, said, second(5))));
        for now in (5..15).map(second) {
            let (here, there) = (reading.at(now), say(now));
            assert_eq!(here.read, Read::Token(there.status()), "{token:?} {above:?}");
            assert_eq!(here.read.is_terminal(), there.status().is_terminal());
            if there.status().is_terminal() {
                assert_eq!(here.since, there.died_at(), "{token:?} {above:?}");
            }
            let left = here.ends_at.map(|at| at.seconds_since(now));
            assert!(here.seconds_left == left && left.is_none_or(|left| left > 0), "{here:?}");
        }
    }
}

#[test]
fn a_page_computes_what_the_ledger_would_say_of_a_connection() {
    for recorded in ConnectionStatus::ALL {
        for expires_at in [None, Some(second(3)), Some(second(10))] {
            let connection = Connection { expires_at, ..standing_since(*recorded, second(2)) };
            let say = |now| connection_status(&connection, &[], now).status;
            let verdict = ConnectionVerdict::of(&user_id("u"), &connection, &[], &[], second(5));
            let reading = shown(&Shown::of_connection(&verdict));
            for now in (5..15).map(second) {
                assert_eq!(reading.at(now).read, Read::Connection(say(now)), "{connection:?}");
            }
        }
    }
}

/// Every status of both.
fn reads() -> impl Iterator<Item = Read> {
    let tokens = Status::ALL.iter().copied().map(Read::Token);
    tokens.chain(ConnectionStatus::ALL.iter().copied().map(Read::Connection))
}

#[test]
fn every_status_has_words_of_its_own_in_every_language() {
    for locale in Locale::ALL {
        let said: Vec<_> = reads().map(|read| (read, describe(read, *locale))).collect();
        for (read, words) in &said {
            assert_eq!(words.locale, *locale);
            let (label, sentence) = (words.label, words.sentence);
            let is_label = (1..=25).contains(&label.chars().count()) && !label.ends_with('.');
            assert!(is_label && label.starts_with(char::is_uppercase), "{label}");
            let is_sentence = sentence.ends_with('.') && sentence.matches('.').count() == 1;
            assert!(is_sentence && sentence.starts_with(char::is_uppercase), "{sentence}");
            assert!(!sentence.contains(" ;") && !sentence.contains('\''), "{sentence}");
            let like = said.iter().filter(|(_, other)| other.sentence == sentence);
            assert_eq!(like.count(), 1, "{read:?} and another: {sentence}");
            // Only a colour may be the same for two; one label for two would hide one of them.
            let labelled = said.iter().filter(|(other, words)| words.label == label && same_subject(*read, *other));
            assert_eq!(labelled.count(), 1, "{read:?} and another: {label}");
        }
    }
}

fn same_subject(one: Read, other: Read) -> bool {
    matches!(one, Read::Token(_)) == matches!(other, Read::Token(_))
}

#[test]
fn no_two_languages_say_the_same() {
    for read in reads() {
        let mut sentences: Vec<_> = Locale::ALL.iter().map(|locale| describe(read, *locale).sentence).collect();
        sentences.sort_unstable();
        sentences.dedup();
        assert_eq!(sentences.len(), Locale::ALL.len(), "{read:?}");
    }
}

#[test]
fn only_what_can_be_used_has_a_good_tone_and_only_what_is_over_a_last_one() {
    for read in reads() {
        let usable = matches!(read, Read::Token(Status::Valid) | Read::Connection(ConnectionStatus::Active));
        assert_eq!(Tone::of(read) == Tone::Good, usable, "{read:?}");
        let dead = match read {
            Read::Token(status) => status.is_terminal(),
            Read::Connection(status) => status.is_dead(),
        };
        assert_eq!(Tone::of(read) == Tone::Ended, dead, "{read:?}");
    }
}

#[test]
fn revoking_says_that_it_is_off_here_and_still_being_ended_at_the_provider() {
    let here_and_there = [("here", "provider"), ("ici", "fournisseur"), ("hier", "Anbieter"), ("aquí", "proveedor")];
    for (locale, (here, there)) in Locale::ALL.iter().zip(here_and_there) {
        let sentence = describe(Read::Connection(ConnectionStatus::Revoking), *locale).sentence;
        assert!(sentence.contains(here) && sentence.contains(there), "{sentence}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_canonical_spelling_is_its_own(text in "(h[a-z]{2}_|ca_|tok_|\\\\x)?[0-9a-fA-F]{46,50}|hst_[0-9a-fA-F]{90}|\\PC*") {
        if let Some((form, canonical)) = form::canonical(&text) {
            prop_assert_eq!(form::canonical(&canonical), Some((form, canonical.clone())));
            prop_assert!(canonical.starts_with(form.prefix()));
        }
    }
}
