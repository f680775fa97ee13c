//! The call by which a provider revokes tokens, in requests.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::called_url::check_url;
use super::providers::RevocationParams;
use crate::core::Rule;
use crate::core::provider::{
    ANSWERS_MAX, AnswerMeaning, AnswerRule, AnswerValue, CallAuth, CallBody, CallMethod, ProviderCall,
    UpstreamTokenType,
};
use crate::core::string_enum::string_enum;
use crate::dialects::field::{Field, FieldValue, List, Sent};
use crate::dialects::field_types::Whole;
use crate::dialects::validator::{Validate, Validator};
use crate::upstream::template::UrlTemplate;

string_enum! {
    /// The kind of request that revokes a token, or that there is none.
    pub(super) enum RevocationMethod {
        /// RFC 7009: POST with a form of `token` and `token_type_hint`.
        Rfc7009 = "rfc7009",
        /// A POST of the provider's own.
        Post = "post",
        /// A DELETE request.
        Delete = "delete",
        /// A GET request.
        Get = "get",
        /// The provider has no call that revokes tokens. All other fields must be left out.
        None = "none",
    }
}

impl RevocationMethod {
    const fn call(self) -> Option<CallMethod> {
        match self {
            Self::Rfc7009 => Some(CallMethod::Rfc7009),
            Self::Post => Some(CallMethod::Post),
            Self::Delete => Some(CallMethod::Delete),
            Self::Get => Some(CallMethod::Get),
            Self::None => None,
        }
    }
}

/// The name of a parameter: 1 to 64 letters, digits, `-`, `_` or `.`, so that it needs no encoding.
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(with = "String"))]
struct ParameterName(String);

impl FromStr for ParameterName {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if is_plain && (1..=64).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Rule::new("must be 1 to 64 letters, digits, '-', '_' or '.'"))
        }
    }
}

/// The `error` of a provider's answer: 1 to 128 visible ASCII characters.
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(with = "String"))]
struct AnswerError(String);

impl FromStr for AnswerError {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        if (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Rule::new("must be 1 to 128 visible ASCII characters"))
        }
    }
}

/// Further headers of the request: at most 16, by name. Values are 1 to 512 visible ASCII characters or spaces. Headers
/// that carry the credential or describe the message, such as `Authorization` and `Content-Type`, are not allowed.
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(inline))]
struct HeaderList(BTreeMap<String, String>);

/// Headers that the request has for other reasons, or that name its sender.
const OWN_HEADERS: [&str; 14] = [
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];
/// Prefixes of the names of such headers.
const OWN_PREFIXES: [&str; 4] = ["cf-", "proxy-", "sec-", "x-forwarded-"];

impl FieldValue for HeaderList {
    fn check(_: Sent<'_>) -> Result<Self, Rule> {
        Err(Rule::new("must be an object of header names and texts"))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Result<Self, Rule>, D::Error> {
        let sent = Value::deserialize(deserializer)?;
        Ok(match serde_json::from_value::<BTreeMap<String, String>>(sent) {
            Ok(headers) => check_headers(headers).map(Self),
            Err(_) => Self::check(Sent::Null),
        })
    }
}

fn check_headers(headers: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Rule> {
    if headers.len() > ANSWERS_MAX {
        return Err(Rule::new(format!("must have at most {ANSWERS_MAX} headers")));
    }
    let mut checked = BTreeMap::new();
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        let is_token = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !is_token || !(1..=64).contains(&name.len()) {
            return Err(Rule::new("must have names of 1 to 64 letters, digits, '-' or '_'"));
        }
        if OWN_HEADERS.contains(&name.as_str()) || OWN_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            return Err(Rule::new("must not have a header that the request has for another reason"));
        }
        let is_plain = value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') && value.trim() == value;
        if !is_plain || !(1..=512).contains(&value.len()) {
            return Err(Rule::new("must have values of 1 to 512 visible ASCII characters or spaces"));
        }
        if checked.insert(name, value).is_some() {
            return Err(Rule::new("must have each header once"));
        }
    }
    Ok(checked)
}

/// The meaning of one kind of answer of a provider.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct AnswerRuleRequest {
    /// The HTTP status of the answer: 200 to 299 if it means `revoked`, 200 to 499 if it means `gone`.
    status: u16,
    /// Values that the JSON body must have, by their JSON pointers (RFC 6901), such as `/error/code`: at most 8. The default
    /// is none.
    #[serde(default)]
    body: BTreeMap<String, AnswerValue>,
    /// The meaning of the answer.
    means: AnswerMeaning,
}

/// The meanings of answers: at most 16 rules. The first rule that matches counts.
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(inline))]
struct AnswerRules(#[cfg_attr(feature = "openapi", schemars(with = "Vec<AnswerRuleRequest>"))] Vec<AnswerRule>);

impl FieldValue for AnswerRules {
    fn check(_: Sent<'_>) -> Result<Self, Rule> {
        Err(Rule::new("must be a list of objects with status, means and, if the body counts, body"))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Result<Self, Rule>, D::Error> {
        let sent = Value::deserialize(deserializer)?;
        Ok(match serde_json::from_value::<Vec<AnswerRuleRequest>>(sent) {
            Ok(rules) => check_rules(rules).map(Self),
            Err(_) => Self::check(Sent::Null),
        })
    }
}

fn check_rules(rules: Vec<AnswerRuleRequest>) -> Result<Vec<AnswerRule>, Rule> {
    if rules.len() > ANSWERS_MAX {
        return Err(Rule::new(format!("must be at most {ANSWERS_MAX} rules")));
    }
    for (AnswerRuleRequest { status, body, means }, number) in rules.iter().zip(1..) {
        let statuses = match means {
            AnswerMeaning::Revoked => 200..=299,
            AnswerMeaning::Gone => 200..=499,
            AnswerMeaning::Retry | AnswerMeaning::Rejected => 200..=599,
        };
        if !statuses.contains(status) {
            let (first, last) = statuses.into_inner();
            return Err(Rule::new(format!("item {number} must have a status from {first} to {last}")));
        }
        let is_pointer = |pointer: &String| pointer.starts_with('/') && pointer.len() <= 128;
        if body.len() > 8 || !body.keys().all(is_pointer) {
            return Err(Rule::new(format!("item {number} must have a body of at most 8 JSON pointers")));
        }
        // A redirect never reaches the provider, and only the body distinguishes a success from it.
        if *means == AnswerMeaning::Gone && body.is_empty() && *status < 400 {
            return Err(Rule::new(format!("item {number} must have a body")));
        }
    }
    let rule = |AnswerRuleRequest { status, body, means }| AnswerRule { status, body, means };
    Ok(rules.into_iter().map(rule).collect())
}

/// The call by which a provider revokes tokens.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderCallRequest {
    /// The kind of request, or `none` if the provider has no call that revokes tokens.
    method: Field<RevocationMethod>,
    /// The URL. `{client_id}` and `{token}` in its path or query are replaced by percent-encoded values. It must have
    /// `{token}` if neither `body` nor `auth` carries the token. Required unless `method` is `none`.
    #[serde(default)]
    url: Field<String>,
    /// The party that authenticates the request, and the method. Required unless `method` is `none`.
    #[serde(default)]
    auth: Field<CallAuth>,
    /// Where the request carries the token and the other parameters. The default is `form` for `rfc7009` and `post`, and
    /// `none` otherwise. For `get` it is `query` or `none`.
    #[serde(default)]
    body: Field<CallBody>,
    /// The name of the parameter that carries the token. The default is `token`.
    #[serde(default)]
    parameter: Field<ParameterName>,
    /// The types of token that the call revokes. The default is both.
    #[serde(default)]
    tokens: Field<List<UpstreamTokenType, 1, 2>>,
    /// Values of `error` in an answer that mean that the token was already invalid. The default is `invalid_token` for
    /// `rfc7009`, and none otherwise.
    #[serde(default)]
    gone_errors: Field<List<AnswerError, 0, ANSWERS_MAX>>,
    /// HTTP statuses of an answer that mean the same. The default is none.
    #[serde(default)]
    gone_statuses: Field<List<Whole<400, 499>, 0, ANSWERS_MAX>>,
    /// Further headers of the request, by name. The default is none.
    #[serde(default)]
    headers: Field<HeaderList>,
    /// The meanings of answers, by status and by values in their JSON body. The first rule that matches counts, before
    /// all other rules. If any rule means `revoked`, no other answer does. The default is none: then 200 and 204 mean
    /// `revoked`, unless the body reports a failure.
    #[serde(default)]
    answers: Field<AnswerRules>,
}

impl Validate for ProviderCallRequest {
    type Valid = RevocationParams;

    fn validate(self, check: &mut Validator<'_>) -> Option<RevocationParams> {
        let method = check.required("method", self.method.clone())?;
        if let Some(method) = method.call() {
            return self.call(method, check).map(RevocationParams::Call);
        }
        self.reject_call(check);
        Some(RevocationParams::Unsupported)
    }
}

impl ProviderCallRequest {
    /// Checks that the request describes no call.
    fn reject_call(&self, check: &mut Validator<'_>) {
        for (name, is_present) in [
            ("url", self.url.is_present()),
            ("auth", self.auth.is_present()),
            ("body", self.body.is_present()),
            ("parameter", self.parameter.is_present()),
            ("tokens", self.tokens.is_present()),
            ("gone_errors", self.gone_errors.is_present()),
            ("gone_statuses", self.gone_statuses.is_present()),
            ("headers", self.headers.is_present()),
            ("answers", self.answers.is_present()),
        ] {
            if is_present {
                check.fail(name, "must be left out if method is none");
            }
        }
    }

    fn call(self, method: CallMethod, check: &mut Validator<'_>) -> Option<ProviderCall> {
        let is_rfc7009 = method == CallMethod::Rfc7009;
        let default_body =
            if matches!(method, CallMethod::Rfc7009 | CallMethod::Post) { CallBody::Form } else { CallBody::None };
        let url = check_url(check, self.url);
        let auth = check.required("auth", self.auth);
        let body = check.optional("body", self.body).unwrap_or(default_body);
        if method == CallMethod::Get && matches!(body, CallBody::Form | CallBody::Json) {
            check.fail("body", "must be query or none if method is get");
        }
        if let Some(url) = &url {
            match UrlTemplate::parse(url) {
                None => check.fail("url", "must have no braces except {client_id} and {token}"),
                Some(template) => {
                    let carries_token = body != CallBody::None || auth.is_none_or(|auth| auth == CallAuth::Bearer);
                    if !carries_token && !template.has_token() {
                        check.fail("url", "must have {token} if neither body nor auth carries the token");
                    }
                }
            }
        }
        let parameter = check.optional("parameter", self.parameter);
        let mut tokens = Vec::new();
        for token_type in check.optional("tokens", self.tokens).into_iter().flat_map(|list| list.0) {
            if !tokens.contains(&token_type) {
                tokens.push(token_type);
            }
        }
        if tokens.is_empty() {
            tokens.extend(UpstreamTokenType::ALL);
        }
        let gone_errors = match check.optional("gone_errors", self.gone_errors) {
            Some(List(errors)) => errors.into_iter().map(|AnswerError(error)| error).collect(),
            // Some servers of RFC 7009 answer this for a token that they do not know any more.
            None if is_rfc7009 => vec!["invalid_token".to_owned()],
            None => Vec::new(),
        };
        let gone_statuses = check.optional("gone_statuses", self.gone_statuses).into_iter().flat_map(|list| list.0);
        let headers = check.optional("headers", self.headers).map(|HeaderList(headers)| headers);
        let answers = check.optional("answers", self.answers).map(|AnswerRules(rules)| rules);
        Some(ProviderCall {
            method,
            url: url?,
            auth: auth?,
            body,
            parameter: parameter.map_or_else(|| "token".to_owned(), |ParameterName(name)| name),
            tokens,
            gone_errors,
            gone_statuses: gone_statuses.filter_map(|Whole(status)| u16::try_from(status).ok()).collect(),
            headers: headers.unwrap_or_default(),
            answers: answers.unwrap_or_default(),
        })
    }
}
