//! Messages of errors: what is wrong, in which field, and what to do.

use hookswitch::core::DecisionError;
use hookswitch::dialects::problem_types::{self, detail};
use hookswitch::operations::{ApiError, CredentialProblem};
use serde_json::json;

use crate::kit::{PROJECT, ROOT, Request, Service};

#[test]
fn each_problem_type_names_a_remedy_or_a_rule() {
    for problem in problem_types::ALL {
        let has_remedy = problem.detail.trim_end_matches('.').contains(". ");
        let is_rule = [" must ", "Only ", "only "].iter().any(|word| problem.detail.contains(word));
        assert!(has_remedy || is_rule, "{}: {}", problem.code, problem.detail);
    }
}

#[test]
fn unsupported_grant_type_names_the_field_and_both_grants() {
    let text = detail(&ApiError::UnsupportedGrantType);
    for word in ["grant_type", "authorization_code", "refresh_token"] {
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn forbidden_names_the_roles_that_may() {
    let text = detail(&DecisionError::Forbidden.into());
    for word in ["admin", "manager", "itself"] {
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn wrong_method_lists_the_methods_of_the_path() {
    let answer = Service::new().send(&Request::delete("/v1/users/anna").bearer(ROOT));
    assert!(answer.text("detail").contains("PUT, GET, HEAD"), "{}", answer.body);
}

#[test]
fn initiating_an_account_of_composio_names_the_link() {
    let request = Request::post("/api/v3.1/connected_accounts").json(json!({})).header("x-api-key", ROOT);
    let answer = Service::new().send(&request);
    assert_eq!(answer.status, 405);
    assert!(answer.body.contains("POST /api/v3.1/connected_accounts/link"), "{}", answer.body);
}

#[test]
fn missing_key_of_composio_names_the_header() {
    let answer = Service::new().send(&Request::get("/api/v3.1/connected_accounts"));
    assert_eq!(answer.status, 401);
    assert!(answer.body.contains("x-api-key"), "{}", answer.body);
}

#[test]
fn introspection_by_a_public_client_explains_the_refusal() {
    let request = Request::post("/oauth/introspect").form(&[("token", "hat_1"), ("client_id", "calendar")]);
    let answer = Service::new().send(&request);
    assert_eq!((answer.status, answer.text("error").as_str()), (401, "invalid_client"));
    assert!(answer.text("error_description").contains("public client"), "{}", answer.body);
}

#[test]
fn rejected_credentials_of_stytch_have_one_answer_and_different_causes() {
    let service = Service::new();
    let member = service.api_key(&service.user("anna"));
    let request = || Request::get("/v1/users/anna/connected_apps");
    let cases = [
        (request().basic("project-test-2", ROOT), CredentialProblem::WrongProject),
        (request().basic(PROJECT, "hak_forged"), CredentialProblem::UnknownKey),
        (request().basic(PROJECT, &member), CredentialProblem::NotAnAdmin),
    ];
    let mut answers = vec![service.send(&request()).both()];
    assert_eq!(service.rejection(&request()), Some(ApiError::CredentialsMissing));
    for (request, cause) in cases {
        assert_eq!(service.rejection(&request), Some(ApiError::CredentialsInvalid(cause)));
        answers.push(service.send(&request).both());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

#[test]
fn causes_of_rejected_credentials_differ() {
    let causes: std::collections::HashSet<_> = CredentialProblem::ALL.iter().map(|cause| cause.as_str()).collect();
    assert_eq!(causes.len(), CredentialProblem::ALL.len());
}
