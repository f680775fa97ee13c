//! A status in words: in four languages, one label and one sentence for each status.

use hookswitch::browser::locale::Locale;
use hookswitch::browser::words::{Tone, describe};
use hookswitch::core::status_snapshot::StatusKind;
use hookswitch::core::{ConnectionStatus, Status};
use serde_json::Value;

/// Every status of a token and of a connection.
fn statuses() -> impl Iterator<Item = StatusKind> {
    let tokens = Status::ALL.iter().copied().map(StatusKind::Token);
    tokens.chain(ConnectionStatus::ALL.iter().copied().map(StatusKind::Connection))
}

#[test]
fn words_of_a_status_are_the_known_answer() {
    let all: Value = serde_json::from_str(include_str!("../vectors/page.json")).unwrap();
    for vector in all["words"].as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap();
        let status = match text("subject") {
            "token" => StatusKind::Token(text("status").parse().unwrap()),
            _ => StatusKind::Connection(text("status").parse().unwrap()),
        };
        let words = describe(status, vector["asked"].as_str().map_or(Locale::En, Locale::fitting));
        let found = [words.label, words.tone.as_str(), words.locale.as_str()];
        assert_eq!(found, ["label", "tone", "locale"].map(text), "{vector}");
    }
}

#[test]
fn every_status_has_its_own_words_in_every_language() {
    for locale in Locale::ALL {
        let all: Vec<_> = statuses().map(|status| (status, describe(status, *locale))).collect();
        for (status, words) in &all {
            assert_eq!(words.locale, *locale);
            let (label, sentence) = (words.label, words.sentence);
            let is_label = (1..=25).contains(&label.chars().count()) && !label.ends_with('.');
            assert!(is_label && label.starts_with(char::is_uppercase), "{label}");
            let is_sentence = sentence.ends_with('.') && sentence.matches('.').count() == 1;
            assert!(is_sentence && sentence.starts_with(char::is_uppercase), "{sentence}");
            assert!(!sentence.contains(" ;") && !sentence.contains('\''), "{sentence}");
            let with_sentence = all.iter().filter(|(_, other)| other.sentence == sentence);
            assert_eq!(with_sentence.count(), 1, "{status:?} and another: {sentence}");
            // Two statuses may have one colour. With one label as well, one of them would be hidden.
            let with_label =
                all.iter().filter(|(other, words)| words.label == label && is_same_subject(*status, *other));
            assert_eq!(with_label.count(), 1, "{status:?} and another: {label}");
        }
    }
}

fn is_same_subject(one: StatusKind, other: StatusKind) -> bool {
    matches!(one, StatusKind::Token(_)) == matches!(other, StatusKind::Token(_))
}

#[test]
fn no_two_languages_have_the_same_sentence() {
    for status in statuses() {
        let mut sentences: Vec<_> = Locale::ALL.iter().map(|locale| describe(status, *locale).sentence).collect();
        sentences.sort_unstable();
        sentences.dedup();
        assert_eq!(sentences.len(), Locale::ALL.len(), "{status:?}");
    }
}

#[test]
fn tone_is_good_for_what_can_be_used_and_ended_for_what_is_dead() {
    for status in statuses() {
        let is_usable =
            matches!(status, StatusKind::Token(Status::Valid) | StatusKind::Connection(ConnectionStatus::Active));
        assert_eq!(Tone::of(status) == Tone::Good, is_usable, "{status:?}");
        let is_dead = match status {
            StatusKind::Token(status) => status.is_terminal(),
            StatusKind::Connection(status) => status.is_dead(),
        };
        assert_eq!(Tone::of(status) == Tone::Ended, is_dead, "{status:?}");
    }
}

#[test]
fn sentence_of_revoking_names_both_ends() {
    let both_ends = [("here", "provider"), ("ici", "fournisseur"), ("hier", "Anbieter"), ("aquí", "proveedor")];
    for (locale, (here, there)) in Locale::ALL.iter().zip(both_ends) {
        let sentence = describe(StatusKind::Connection(ConnectionStatus::Revoking), *locale).sentence;
        assert!(sentence.contains(here) && sentence.contains(there), "{sentence}");
    }
}
