//! `/v1/providers`: whose credentials connections hold, and how those are revoked there.

use super::users::location;
use super::{body, credential, no_query, of_operator, operator_bodies, url};
use crate::core::json::{Object, Value};
use crate::core::operator::{OperatorCommand, OperatorOutcome};
use crate::core::provider::{ANSWERS_MAX, Auth, Body, Method, Revocation};
use crate::core::refusal::Thing;
use crate::core::{Outcome, Provider, Refusal, Slug, TokenType};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::{Ask, Beside, Call, Done, Failure, Fields, Reply, Secret};
use crate::upstream::catalogue;
use crate::upstream::template::Template;

const NAME_MAX: usize = 128;

fn named(call: &Call) -> Result<Slug, Failure> {
    call.parameter("slug", Slug::parse)
}

pub(super) fn put(call: &Call) -> Result<Ask, Failure> {
    let slug = named(call)?;
    let known = catalogue::find(&slug);
    let mut body = body(call)?;
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
    let revocation = body.nullable("revocation").inner("revocation");
    body.finish()?;
    let (known_name, known_revocation) = known.map(|known| (known.name, known.revocation)).unzip();
    let provider = Provider {
        name: name.or(known_name).unwrap_or_else(|| slug.to_string()),
        revocation: match revocation {
            Some(fields) => Some(of_revocation(fields, call)?),
            None => known_revocation.flatten().filter(|_| ships),
        },
        client_id,
        slug,
    };
    Ok(Ask::PutProvider(provider, client_secret))
}

/// How tokens are revoked.
fn of_revocation(mut fields: Fields, call: &Call) -> Result<Revocation, Failure> {
    let method = fields.required("method", |text| Method::parse(text).ok_or(Method::CHOICES))?;
    let url = url(&mut fields, call)?;
    let template = Template::of(&url);
    if template.is_none() {
        fields.fail("url", "must have no braces but those of {client_id} and {token}");
    }
    let auth = fields.required("auth", |text| Auth::parse(text).ok_or(Auth::CHOICES))?;
    let usual = if matches!(method, Method::Rfc7009 | Method::Post) { Body::Form } else { Body::None };
    let body = fields.text("body", |text| Body::parse(text).ok_or(Body::CHOICES)).unwrap_or(usual);
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
    fields.finish()?;
    Ok(Revocation { method, url, auth, body, parameter, tokens, gone, gone_statuses })
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

pub(super) fn get(call: &Call) -> Result<Ask, Failure> {
    no_query(call)?;
    Ok(Ask::GetProvider(named(call)?))
}

pub(super) fn render(done: &Done) -> Result<Reply, Failure> {
    match (&done.outcome, &done.beside) {
        (Outcome::Operator(OperatorOutcome::Provider(Some(stored), made)), _) => {
            let body = operator_bodies::stored(stored);
            Ok(if *made {
                Reply::json(201, &body).with("location", &location("/v1/providers/", stored.provider.slug.as_str()))
            } else {
                Reply::json(200, &body)
            })
        }
        (Outcome::Operator(OperatorOutcome::Provider(None, _)), Beside::Shipped(provider)) => {
            Ok(Reply::json(200, &operator_bodies::shipped(provider)))
        }
        (Outcome::Operator(OperatorOutcome::Provider(None, _)), _) => Err(Refusal::NotThere(Thing::Provider).into()),
        _ => Err(UNEXPECTED),
    }
}

pub(super) fn list(call: &Call) -> Result<Ask, Failure> {
    no_query(call)?;
    Ok(of_operator(OperatorCommand::ListProviders))
}

/// Those that ship, and those that were put in their places or beside them, by their names in the API.
pub(super) fn render_list(done: &Done) -> Result<Reply, Failure> {
    let Outcome::Operator(OperatorOutcome::Providers(put)) = &done.outcome else {
        return Err(UNEXPECTED);
    };
    let is_put = |slug: &Slug| put.iter().any(|stored| stored.provider.slug == *slug);
    let shipped = catalogue::all().filter(|provider| !is_put(&provider.slug));
    let mut items: Vec<(Slug, Object)> =
        shipped.map(|provider| (provider.slug.clone(), operator_bodies::shipped(&provider))).collect();
    for stored in put {
        let slug = stored.provider.slug.clone();
        let place = items.partition_point(|(other, _)| *other < slug);
        items.insert(place, (slug, operator_bodies::stored(stored)));
    }
    let items: Vec<Object> = items.into_iter().map(|(_, body)| body).collect();
    Ok(Reply::json(200, &Object::new().with("items", items).with("next_cursor", Value::Null)))
}

pub(super) fn delete(call: &Call) -> Result<Ask, Failure> {
    no_query(call)?;
    Ok(of_operator(OperatorCommand::DeleteProvider(named(call)?)))
}
