//! Errors that the Worker finds around the dialects: too large bodies, too many requests, defects and missing secrets.

use hookswitch::dialects::ALL;
use hookswitch::dialects::error_format::ErrorContext;
use hookswitch::dialects::link_page::language::LANGUAGES;
use hookswitch::operations::{ApiError, ConfigurationProblem};
use serde_json::{Value, json};

use crate::kit::{Answer, heading, texts};

/// The secret text of a defect, which is only for the log.
const DEFECT: &str = "a defect for the log";

/// An error as a dialect writes it.
fn rendered(dialect: &str, error: &ApiError) -> Answer {
    let dialect = ALL.iter().find(|known| known.name == dialect).unwrap();
    let context = ErrorContext { request_id: "request-1", ..ErrorContext::default() };
    Answer::of((dialect.errors.render)(error, &context))
}

fn too_large() -> ApiError {
    ApiError::BodyTooLarge { max: 65_536 }
}

fn rate_limited() -> ApiError {
    ApiError::RateLimited { retry_after: 10 }
}

fn misconfigured() -> ApiError {
    ApiError::Misconfigured(vec![ConfigurationProblem { name: "HOOKSWITCH_SECRET", problem: "is missing" }])
}

#[test]
fn partoo_has_a_message_for_each_status() {
    for (error, status, message) in [
        (too_large(), 413, "Request body too large"),
        (rate_limited(), 429, "Too many requests"),
        (ApiError::Internal(DEFECT), 500, "Internal error"),
        (misconfigured(), 503, "HOOKSWITCH_SECRET is missing."),
    ] {
        assert_eq!(rendered("partoo", &error).both(), (status, json!({ "errors": { "json": message } })));
    }
}

#[test]
fn oauth_and_flinks_have_the_codes_of_rfc_6749() {
    for dialect in ["oauth", "flinks"] {
        for (error, status, code) in [
            (too_large(), 413, "invalid_request"),
            (rate_limited(), 429, "temporarily_unavailable"),
            (ApiError::Internal(DEFECT), 500, "server_error"),
            (misconfigured(), 503, "temporarily_unavailable"),
        ] {
            let answer = rendered(dialect, &error);
            assert_eq!((answer.status, answer.text("error").as_str()), (status, code), "{dialect}");
        }
    }
}

#[test]
fn stytch_has_its_published_types_and_messages() {
    for (error, status, error_type, message) in [
        (too_large(), 413, "request_too_large", None),
        (rate_limited(), 429, "too_many_requests", Some("Too many requests have been made.")),
        (ApiError::Internal(DEFECT), 500, "internal_server_error", Some("Oops, something seems to have gone wrong.")),
        (misconfigured(), 503, "service_unavailable", None),
    ] {
        let answer = rendered("stytch", &error);
        assert_eq!((answer.status, answer.text("error_type").as_str()), (status, error_type));
        assert_eq!(answer.json()["status_code"], status);
        if let Some(message) = message {
            assert_eq!(answer.text("error_message"), message);
        }
    }
}

#[test]
fn composio_has_no_envelope_for_too_many_requests() {
    let answer = rendered("composio", &rate_limited());
    assert_eq!(answer.both(), (429, json!({ "message": "Rate limit exceeded. Retry later." })));
    for (error, status, code, slug) in [
        (too_large(), 413, 10_413, "HTTP_PayloadTooLarge"),
        (ApiError::Internal(DEFECT), 500, 601, "ConnectedAccount_InternalServerError"),
        (misconfigured(), 503, 10_503, "HTTP_ServiceUnavailable"),
    ] {
        let answer = rendered("composio", &error);
        let error: Value = answer.json()["error"].clone();
        assert_eq!((answer.status, &error["code"], &error["slug"]), (status, &json!(code), &json!(slug)));
        assert_eq!(answer.header("x-should-retry"), (status == 500).then_some("false"));
    }
}

#[test]
fn the_link_page_explains_errors_in_every_language() {
    let link_page = ALL.iter().find(|dialect| dialect.name == "link_page").unwrap();
    for (error, status, page) in [
        (too_large(), 413, "incomplete"),
        (rate_limited(), 429, "failed"),
        (ApiError::Internal(DEFECT), 500, "failed"),
        (misconfigured(), 503, "failed"),
    ] {
        for language in LANGUAGES {
            let context = ErrorContext { languages: language, ..ErrorContext::default() };
            let answer = Answer::of((link_page.errors.render)(&error, &context));
            let title = texts(language)["pages"][page]["title"].as_str().unwrap().to_owned();
            assert_eq!((answer.status, heading(&answer.body)), (status, title.as_str()), "{language}");
        }
    }
}

#[test]
fn every_dialect_says_when_to_come_again_and_nothing_about_a_defect() {
    for dialect in ALL {
        let answer = rendered(dialect.name, &rate_limited());
        assert_eq!((answer.status, answer.header("retry-after")), (429, Some("10")), "{}", dialect.name);
        let answer = rendered(dialect.name, &misconfigured());
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{}", dialect.name);
        let answer = rendered(dialect.name, &ApiError::Internal(DEFECT));
        assert_eq!(answer.status, 500);
        assert!(!answer.body.contains(DEFECT), "{}", answer.body);
    }
}
