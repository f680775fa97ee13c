//! JSON objects that the core stores and returns: their numbers and the order of their members stay.

use hookswitch::core::Json;
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Any JSON value.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (i64::MIN..0).prop_map(Value::from),
        "(?s).{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let members = vec(("(?s).{0,6}", inner.clone()), 0..5);
        prop_oneof![vec(inner, 0..5).prop_map(Value::Array), members.prop_map(|members| members.into_iter().collect())]
    })
}

/// A value that contains a JSON object, as requests and answers do.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Holder {
    metadata: Json,
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn object_means_the_same_after_it_is_stored(value in any_value(), pretty in any::<bool>()) {
        let object = serde_json::json!({ "value": value });
        let text = if pretty { serde_json::to_string_pretty(&object) } else { serde_json::to_string(&object) }.unwrap();
        let json: Json = text.parse().unwrap();
        prop_assert_eq!(json.as_str(), serde_json::to_string(&object).unwrap(), "without white space");
        let holder = Holder { metadata: json };
        let sent = serde_json::to_string(&holder).unwrap();
        prop_assert_eq!(&sent, &format!("{{\"metadata\":{}}}", holder.metadata.as_str()));
        prop_assert_eq!(serde_json::from_str::<Holder>(&sent).unwrap(), holder);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(?s).{0,40}", shaped in "[\\[\\]{}\",:0-9eE.+\\-a\\\\ ]{0,40}") {
        for text in [text, shaped] {
            let read = text.parse::<Json>();
            let is_object = serde_json::from_str::<Box<serde_json::value::RawValue>>(&text)
                .is_ok_and(|raw| raw.get().starts_with('{'));
            prop_assert_eq!(read.is_ok(), is_object, "{}", text);
        }
    }
}

#[test]
fn members_keep_their_order_and_numbers_their_digits() {
    let text = r#"{"b":1,"a":{"z":null,"y":[true,-7,2.50,1e400,123456789012345678901234567890]},"":"ü"}"#;
    let holder: Holder = serde_json::from_str(&format!("{{\"metadata\": {text} }}")).unwrap();
    assert_eq!(holder.metadata.as_str(), text);
    assert_eq!(serde_json::to_string(&holder).unwrap(), format!("{{\"metadata\":{text}}}"));
}

#[test]
fn object_of_more_than_100_levels_is_refused() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert!(nested(100).parse::<Json>().is_ok());
    let error = nested(101).parse::<Json>().unwrap_err();
    assert_eq!(error.to_string(), "must have at most 100 objects and lists inside each other");
    assert!(nested(30_000).parse::<Json>().is_err());
    let brackets = format!("{{\"a\":\"{}\"}}", "[".repeat(200));
    assert!(brackets.parse::<Json>().is_ok(), "brackets in a text do not count");
}
