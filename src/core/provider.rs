//! Providers: the third parties whose credentials connections store, and how they revoke them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::Slug;
use super::sealed::Sealed;
use super::string_enum::string_enum;
use super::time::Timestamp;

/// The highest number of `gone` errors or statuses, of answers, and of headers of a provider.
pub const ANSWERS_MAX: usize = 16;

string_enum! {
    /// The types of token that a provider issues.
    pub enum UpstreamTokenType {
        /// A token that gets new access tokens.
        RefreshToken = "refresh_token",
        /// A token for the provider's API.
        AccessToken = "access_token",
    }
}

string_enum! {
    /// The kind of request that revokes a token.
    pub enum CallMethod {
        /// RFC 7009: POST with a form of `token` and `token_type_hint`.
        Rfc7009 = "rfc7009",
        /// A POST of the provider's own.
        Post = "post",
        /// A DELETE.
        Delete = "delete",
        /// A GET.
        Get = "get",
    }
}

string_enum! {
    /// Who authenticates the request that revokes a token, and how.
    pub enum CallAuth {
        /// The client, with HTTP Basic.
        Basic = "basic",
        /// The client, in the body.
        Post = "post",
        /// The token itself, as a bearer.
        Bearer = "bearer",
        /// Nobody.
        None = "none",
    }
}

string_enum! {
    /// Where the request carries the token and the other parameters.
    pub enum CallBody {
        /// In a form.
        Form = "form",
        /// In a JSON object.
        Json = "json",
        /// In the query.
        Query = "query",
        /// Nowhere: the URL or the bearer is enough.
        None = "none",
    }
}

string_enum! {
    /// What an answer means for the credential.
    pub enum AnswerMeaning {
        /// The provider revoked the credential.
        Revoked = "revoked",
        /// The credential was already invalid.
        Gone = "gone",
        /// The result is unknown, and another attempt may help.
        Retry = "retry",
        /// The provider refused, and another attempt would not change that.
        Rejected = "rejected",
    }
}

/// A value in the JSON body of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum AnswerValue {
    /// A boolean.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
}

/// What one kind of answer of a provider means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct AnswerRule {
    /// The HTTP status of the answer.
    pub status: u16,
    /// Values that the JSON body must have, by their JSON pointers (RFC 6901), such as `/error/code`.
    #[serde(default)]
    pub body: BTreeMap<String, AnswerValue>,
    /// What the answer means.
    pub means: AnswerMeaning,
}

/// The request by which a provider revokes a token, and what its answers mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ProviderCall {
    /// The kind of request.
    pub method: CallMethod,
    /// The URL; `{client_id}` and `{token}` are replaced.
    pub url: String,
    /// Who authenticates, and how.
    pub auth: CallAuth,
    /// Where the parameters are.
    pub body: CallBody,
    /// The name of the parameter that carries the token.
    pub parameter: String,
    /// The types of token that can be revoked.
    pub tokens: Vec<UpstreamTokenType>,
    /// Values of `error` in an answer that mean that the token was already invalid.
    pub gone_errors: Vec<String>,
    /// HTTP statuses of an answer that mean the same.
    pub gone_statuses: Vec<u16>,
    /// Further headers of the request, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// What answers mean. The first rule that matches counts, before all other rules. If any rule means `revoked`, no
    /// other answer does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<AnswerRule>,
}

/// A third party whose credentials connections store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// The provider's name in the API.
    pub slug: Slug,
    /// The name that people see.
    pub name: String,
    /// How the provider revokes tokens; `None` if it has no such call.
    pub revocation: Option<ProviderCall>,
    /// The deployment's client id at the provider.
    pub client_id: Option<String>,
}

impl Provider {
    /// Whether the provider can revoke tokens of this type.
    #[must_use]
    pub fn revokes(&self, token_type: UpstreamTokenType) -> bool {
        self.revocation.as_ref().is_some_and(|call| call.tokens.contains(&token_type))
    }
}

/// A provider that an operator configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredProvider {
    /// The configuration.
    pub provider: Provider,
    /// The deployment's client secret at the provider, encrypted.
    pub client_secret: Option<Sealed>,
    /// When the provider was first configured.
    pub created_at: Timestamp,
    /// When the configuration last changed.
    pub updated_at: Timestamp,
}

impl StoredProvider {
    /// The owner name that the client secret is sealed for.
    #[must_use]
    pub fn seal_owner(slug: &Slug) -> String {
        format!("provider:{slug}")
    }
}
