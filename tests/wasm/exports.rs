//! The functions of the npm package, as JavaScript calls them: the known answers of `tests/vectors/page.json`, and their
//! errors for input that no program should send.

use hookswitch::browser::{describe, handle_kind, parse_handle, status_at};
use js_sys::{Array, Date, Function, JSON, Object, Reflect, TypeError};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

fn vectors(name: &str) -> Vec<JsValue> {
    let all = JSON::parse(include_str!("../vectors/page.json")).unwrap();
    get(&all, name).unchecked_into::<Array>().iter().collect()
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

/// As text, so that members are compared with their order and their nulls.
fn spelled(value: &JsValue) -> String {
    JSON::stringify(value).map_or_else(|_| "undefined".to_owned(), String::from)
}

#[wasm_bindgen_test]
fn a_handle_is_recognised_by_its_form() {
    for vector in vectors("handles") {
        let text = get(&vector, "text");
        let kind = handle_kind(&text).unwrap();
        assert_eq!(kind, get(&vector, "kind").as_string(), "{vector:?}");
        let handle = parse_handle(&text).unwrap();
        if kind.is_none() {
            assert!(handle.is_undefined(), "{vector:?}");
            continue;
        }
        for (name, expected) in [("kind", "kind"), ("text", "canonical"), ("secret", "secret")] {
            assert_eq!(get(&handle, name), get(&vector, expected), "{vector:?}");
        }
    }
}

#[wasm_bindgen_test]
fn a_status_that_was_read_is_computed_at_a_time() {
    for vector in vectors("statuses") {
        let (status, date) = (get(&vector, "status"), Date::new(&get(&vector, "at")));
        for at in [JsValue::from(date.get_time()), date.into()] {
            let standing = status_at(&status, &at).unwrap();
            assert_eq!(spelled(&standing), spelled(&get(&vector, "now")), "{vector:?}");
        }
    }
}

#[wasm_bindgen_test]
fn a_status_is_said_in_the_language_that_fits_best() {
    for vector in vectors("words") {
        let words = describe(&get(&vector, "subject"), &get(&vector, "status"), &get(&vector, "asked")).unwrap();
        for name in ["label", "tone", "locale"] {
            assert_eq!(get(&words, name), get(&vector, name), "{vector:?}");
        }
        assert!(get(&words, "sentence").as_string().unwrap().ends_with('.'));
    }
}

/// A status that is right, with one member that may not be.
fn status(name: &str, value: &JsValue) -> JsValue {
    let status: Object = get(&vectors("statuses")[0], "status").unchecked_into();
    Reflect::set(&status, &name.into(), value).unwrap();
    status.into()
}

fn script(text: &str) -> JsValue {
    Function::new_no_args(&format!("return ({text})")).call0(&JsValue::NULL).unwrap()
}

/// The message of a `TypeError`.
fn complaint(result: Result<JsValue, JsValue>) -> String {
    let error: TypeError = result.expect_err("is refused").dyn_into().expect("is a TypeError");
    error.message().into()
}

#[wasm_bindgen_test]
fn what_is_no_string_is_refused_with_a_sentence() {
    for odd in ["undefined", "null", "5", "NaN", "{}", "[]", "Symbol()", "10n", "() => 1", "new String('ca_')", "true"]
    {
        let odd = script(odd);
        let kind = handle_kind(&odd).map(JsValue::from);
        assert_eq!(complaint(kind), "handleKind: the text must be a string");
        assert_eq!(complaint(parse_handle(&odd)), "parseHandle: the text must be a string");
        let (token, valid) = (JsValue::from("token"), JsValue::from("valid"));
        assert_eq!(complaint(describe(&odd, &valid, &token)), "describe: the subject must be a string");
        assert_eq!(complaint(describe(&token, &odd, &token)), "describe: the status must be a string");
        if !odd.is_undefined() && !odd.is_null() {
            assert_eq!(complaint(describe(&token, &valid, &odd)), "describe: the locale must be a string");
        }
    }
}

#[wasm_bindgen_test]
fn what_is_no_status_is_refused_and_the_member_named() {
    let now = JsValue::from(0);
    for odd in ["undefined", "null", "5", "'valid'", "Symbol()", "10n", "() => 1"] {
        let said = complaint(status_at(&script(odd), &now));
        assert_eq!(said, "statusAt: the status must be an object, as GET /v1/status answers it");
    }
    assert_eq!(complaint(status_at(&script("{}"), &now)), "statusAt: the status has no subject");
    for name in ["as_of", "created_at", "expires_at", "activated_at", "consumed_at", "revoked_at"] {
        for odd in ["5", "{}", "''", "'tomorrow'", "'2026-02-30T00:00:00Z'", "'2026-11-21T12:00:00'"] {
            let said = complaint(status_at(&status(name, &script(odd)), &now));
            assert_eq!(said, format!("statusAt: {name} must be a time as RFC 3339 writes it"), "{odd}");
        }
    }
    let said = complaint(status_at(&status("status", &"active".into()), &now));
    assert_eq!(said, "statusAt: a token's status must be one of valid, consumed, revoked, expired, inactive");
    let said = complaint(status_at(&status("subject", &"user".into()), &now));
    assert_eq!(said, "statusAt: the subject must be token or connection");
}

#[wasm_bindgen_test]
fn what_is_no_time_is_refused() {
    let status = status("kind", &JsValue::NULL);
    for odd in ["undefined", "null", "'2026-11-21T12:00:00Z'", "NaN", "Infinity", "1e300", "new Date('x')", "10n", "{}"]
    {
        let said = complaint(status_at(&status, &script(odd)));
        assert_eq!(said, "statusAt: the time must be a valid Date, or a number of milliseconds since 1970", "{odd}");
    }
    for (extreme, expected) in [("8.64e15", "expired"), ("-8.64e15", "valid"), ("0.5", "valid")] {
        assert_eq!(get(&status_at(&status, &script(extreme)).unwrap(), "status"), JsValue::from(expected));
    }
}

#[wasm_bindgen_test]
fn what_a_getter_throws_is_thrown_on() {
    let trapped = script("{ get subject() { throw new RangeError('mine') } }");
    let error: js_sys::Error = status_at(&trapped, &JsValue::from(0)).unwrap_err().unchecked_into();
    assert_eq!(String::from(error.message()), "mine");
}

#[wasm_bindgen_test]
fn no_complaint_repeats_what_was_sent() {
    let secret = "hct_0123456789abcdef0123456789abcdef0123456789abcdef";
    let said = [
        complaint(status_at(&status("status", &secret.into()), &JsValue::from(0))),
        complaint(status_at(&status("expires_at", &secret.into()), &JsValue::from(0))),
        complaint(describe(&secret.into(), &secret.into(), &secret.into())),
        complaint(describe(&"token".into(), &secret.into(), &secret.into())),
    ];
    assert!(said.iter().all(|said| !said.contains("0123")), "{said:?}");
}
