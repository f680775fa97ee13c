//! JSON as the core reads and writes it: in the order in which it came.

use hookswitch::core::Json;
use hookswitch::core::json::{Object, Value};
use proptest::collection::vec;
use proptest::prelude::*;

fn read(text: &str) -> Option<Value> {
    Value::parse(text).ok()
}

/// Any value without fractions, which several texts can spell.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (i64::MIN..0).prop_map(|number| Value::Number(number.to_string())),
        "(?s).{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let members = vec(("(?s).{0,6}", inner.clone()), 0..5);
        prop_oneof![vec(inner, 0..5).prop_map(Value::List), members.prop_map(|members| object(members).into())]
    })
}

/// The object with these members; of two with one name, the first.
fn object(members: Vec<(String, Value)>) -> Object {
    members.into_iter().fold(Object::new(), |object, (name, value)| {
        if object.get(&name).is_some() { object } else { object.with(&name, value) }
    })
}

/// The value as it is written: what an object with it as its only member is, without the object.
fn text(value: &Value) -> String {
    let whole = Object::new().with("v", value.clone()).text();
    whole.strip_prefix("{\"v\":").and_then(|rest| rest.strip_suffix('}')).unwrap().to_owned()
}

/// The value as `serde_json` has it; only its text is asked for numbers.
fn as_others_have_it(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(digits) => serde_json::from_str(digits).unwrap(),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(as_others_have_it).collect(),
        Value::Object(_) => serde_json::from_str(&text(value)).unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_as_what_it_was(value in any_value()) {
        let text = text(&value);
        prop_assert_eq!(read(&text), Some(value.clone()));
        // Whoever else reads it reads the same.
        let other: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(as_others_have_it(&value), other);
        let kept = Json::from(Object::new().with("value", value.clone()));
        prop_assert_eq!(kept.value(), Value::Object(Object::new().with("value", value)));
    }

    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,40}", shaped in "[\\[\\]{}\",:0-9eE.+\\-a\\\\ ]{0,40}") {
        let _ = read(&text);
        let _ = read(&shaped);
        let _ = Json::stored(text).value();
    }
}

#[test]
fn members_stay_in_their_order() {
    let text = r#"{"b":1,"a":{"z":null,"y":[true,-7,2.5]},"":"ü"}"#;
    assert_eq!(super::json::text(&read(text).unwrap()), text);
}

#[test]
fn what_is_too_deep_is_refused() {
    assert!(read(&format!("{}{}", "[".repeat(100), "]".repeat(100))).is_some());
    assert_eq!(read(&format!("{}{}", "[".repeat(30_000), "]".repeat(30_000))), None);
}
