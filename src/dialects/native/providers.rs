//! `/v1/providers`: whose credentials connections hold, and how those are revoked there.

use super::{credential, of_operator, url};
use crate::core::operator::OperatorCommand;
use crate::core::provider::{ANSWERS_MAX, Auth, Body, Method, Revocation};
use crate::core::{Provider, Slug, TokenType};
use crate::dialects::{Ask, Call, Fields, Secret};
use crate::upstream::catalogue;
use crate::upstream::template::Template;

const NAME_MAX: usize = 128;

fn named(call: &Call, fields: &mut Fields) -> Option<Slug> {
    fields.parameter(call, "slug", Slug::parse)
}

pub(super) fn put(call: &Call, body: &mut Fields) -> Option<Ask> {
    let slug = named(call, body)?;
    let known = catalogue::find(&slug);
    let name = body.short_text("name", NAME_MAX);
    if name.as_ref().is_some_and(String::is_empty) {
        body.fail("name", "must not be empty");
    }
    let client_id = body.nullable("client_id").text("client_id", credential);
    let client_secret = body.text("client_secret", credential).map(Secret);
    if client_secret.is_some() && client_id.is_none() {
        body.fail("client_id", "is required with client_secret");
    }
    // Nothing said is not the same as `null`, which says that there is no way.
    let ships = !body.has("revocation");
    let said = body.nullable("revocation").inner("revocation");
    let (known_name, known_revocation) = known.map(|known| (known.name, known.revocation)).unzip();
    let revocation = match said {
        Some(fields) => {
            body.go_on(fields)?;
            Some(revocation(call, body)?)
        }
        None => known_revocation.flatten().filter(|_| ships),
    };
    let name = name.or(known_name).unwrap_or_else(|| slug.to_string());
    Some(Ask::PutProvider(Provider { slug, name, revocation, client_id }, client_secret))
}

/// How tokens are revoked.
fn revocation(call: &Call, fields: &mut Fields) -> Option<Revocation> {
    let method = fields.require("method").word("method", Method::parse, Method::CHOICES)?;
    let url = url(call, fields)?;
    let template = Template::of(&url);
    if template.is_none() {
        fields.fail("url", "must have no braces but those of {client_id} and {token}");
    }
    let auth = fields.require("auth").word("auth", Auth::parse, Auth::CHOICES)?;
    let usual = if matches!(method, Method::Rfc7009 | Method::Post) { Body::Form } else { Body::None };
    let body = fields.word("body", Body::parse, Body::CHOICES).unwrap_or(usual);
    if method == Method::Get && matches!(body, Body::Form | Body::Json) {
        fields.fail("body", "must be query or none, where the method is get");
    }
    if body == Body::None && auth != Auth::Bearer && !template.is_some_and(Template::names_token) {
        fields.fail("url", "must have {token}, where neither body nor auth says the token");
    }
    let mut tokens = Vec::new();
    let all = TokenType::ALL.len();
    for token in fields.list("tokens", 1, all, |text| TokenType::parse(text).ok_or(TokenType::CHOICES)) {
        if !tokens.contains(&token) {
            tokens.push(token);
        }
    }
    if tokens.is_empty() {
        tokens.extend(TokenType::ALL);
    }
    let parameter = fields.text("parameter", parameter).unwrap_or_else(|| "token".to_owned());
    // Some who speak RFC 7009 say this of a token that they do not know any more.
    let said = fields.has("gone_errors") || method != Method::Rfc7009;
    let mut gone = fields.list("gone_errors", 0, ANSWERS_MAX, error);
    if !said {
        gone.push("invalid_token".to_owned());
    }
    let gone_statuses = fields.integers("gone_statuses", ANSWERS_MAX, 400, 499);
    Some(Revocation { method, url, auth, body, parameter, tokens, gone, gone_statuses })
}

/// The name of a parameter: it stands in a form as it is.
fn parameter(text: &str) -> Result<String, &'static str> {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let fits = plain && (1..=64).contains(&text.len());
    if fits { Ok(text.to_owned()) } else { Err("must be 1 to 64 letters, digits, '-', '_' or '.'") }
}

/// The `error` of an answer.
fn error(text: &str) -> Result<String, &'static str> {
    let fits = (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if fits { Ok(text.to_owned()) } else { Err("must be a list of texts of 1 to 128 visible ASCII characters") }
}

pub(super) fn get(call: &Call, fields: &mut Fields) -> Option<Ask> {
    Some(Ask::GetProvider(named(call, fields)?))
}

pub(super) fn list(_: &Call, _: &mut Fields) -> Option<Ask> {
    Some(of_operator(OperatorCommand::ListProviders))
}

pub(super) fn delete(call: &Call, fields: &mut Fields) -> Option<Ask> {
    Some(of_operator(OperatorCommand::DeleteProvider(named(call, fields)?)))
}
