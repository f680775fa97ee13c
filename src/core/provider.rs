//! Providers: the third parties whose credentials connections store, and how they revoke them.
//!
//! ```
//! use hookswitch::core::{Provider, UpstreamTokenType};
//!
//! let provider = Provider { slug: "acme".parse().unwrap(), name: "Acme".to_owned(), revocation: None, client_id: None };
//! assert!(!provider.revokes(UpstreamTokenType::AccessToken));
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::access::Actor;
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
        /// A DELETE request.
        Delete = "delete",
        /// A GET request.
        Get = "get",
    }
}

string_enum! {
    /// The party that authenticates the request that revokes a token, and the method.
    pub enum CallAuth {
        /// The client, with HTTP Basic.
        Basic = "basic",
        /// The client, in the body.
        Post = "post",
        /// The token itself, as a bearer.
        Bearer = "bearer",
        /// Nobody authenticates.
        None = "none",
    }
}

string_enum! {
    /// Where the request carries the token and the other parameters.
    pub enum CallBody {
        /// In a form of the body.
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
    /// The meaning of an answer for the credential.
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
    /// A boolean of JSON.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A string of JSON.
    Text(String),
}

/// The meaning of one kind of answer of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct AnswerRule {
    /// The HTTP status of the answer.
    pub status: u16,
    /// Values that the JSON body must have, by their JSON pointers (RFC 6901), such as `/error/code`.
    #[serde(default)]
    pub body: BTreeMap<String, AnswerValue>,
    /// The meaning of the answer.
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
    /// The party that authenticates, and the method.
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
    /// The meanings of answers. The first rule that matches counts, before all other rules. If any rule means
    /// `revoked`, no other answer does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<AnswerRule>,
}

impl ProviderCall {
    /// The scheme, host and port of the URL, such as `https://auth.acme.example`.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        let (scheme, rest) = self.url.split_once("://")?;
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        Some(format!("{scheme}://{}", host.to_ascii_lowercase()))
    }
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
    /// Since when the provider has this call: credentials that are stored from then on keep it.
    #[serde(default)]
    pub version: Option<Timestamp>,
    /// Whether root decided that the call also applies to the credentials of earlier versions.
    #[serde(default)]
    pub applies_to_earlier: bool,
}

impl StoredProvider {
    /// The owner name that the client secret is sealed for.
    #[must_use]
    pub fn seal_owner(slug: &Slug) -> String {
        format!("provider:{slug}")
    }
}

string_enum! {
    /// The type of a change of the configuration of a provider.
    pub enum ProviderEventType {
        /// The provider was configured.
        Created = "provider.created",
        /// The configuration was replaced.
        Updated = "provider.updated",
        /// Root let the configuration apply to stored credentials.
        Approved = "provider.approved",
        /// The configuration was deleted.
        Deleted = "provider.deleted",
    }
}

/// A change of the configuration of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderEvent {
    /// The type of the change.
    pub event_type: ProviderEventType,
    /// The provider.
    pub slug: Slug,
    /// The time of the change.
    pub at: Timestamp,
    /// The actor that changed the configuration.
    pub actor: Actor,
    /// The scheme and host at which tokens are revoked from then on.
    pub host: Option<String>,
    /// The scheme and host before.
    pub previous_host: Option<String>,
}

/// The version of a provider that a credential is stored with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderVersion {
    /// The caller has not read the provider.
    #[default]
    NotRead,
    /// There is no such provider.
    Unknown,
    /// The provider is as the catalogue has it.
    Shipped,
    /// An operator configured the provider, and this call is in force since that time.
    Configured(Timestamp),
}

impl ProviderVersion {
    /// The version of the operator's configuration; `None` for the catalogue's.
    #[must_use]
    pub const fn configured(self) -> Option<Timestamp> {
        match self {
            Self::Configured(since) => Some(since),
            Self::NotRead | Self::Unknown | Self::Shipped => None,
        }
    }
}

/// A provider with all of its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderVersions {
    /// The provider.
    pub slug: Slug,
    /// The provider as the catalogue has it. The operator's ledger does not know.
    #[serde(skip)]
    pub shipped: Option<Provider>,
    /// The operator's configuration.
    pub current: Option<StoredProvider>,
    /// The operator's earlier configurations with other calls, oldest first.
    pub earlier: Vec<StoredProvider>,
}

impl ProviderVersions {
    /// The version that credentials are stored with now.
    #[must_use]
    pub fn version(&self) -> ProviderVersion {
        match (&self.current, &self.shipped) {
            (Some(current), _) => ProviderVersion::Configured(current.version.unwrap_or(current.created_at)),
            (None, Some(_)) => ProviderVersion::Shipped,
            (None, None) => ProviderVersion::Unknown,
        }
    }

    /// The configuration that applies to a credential: that of its own version, or the newest one that root let apply to
    /// earlier versions. `None` as the version means that the credential was stored with the catalogue's call.
    ///
    /// The catalogue is part of the deployment: a configuration with the catalogue's call applies to its credentials.
    #[must_use]
    pub fn for_credential(&self, version: Option<Timestamp>) -> Option<&StoredProvider> {
        let configured = || self.earlier.iter().chain(&self.current);
        let is_later = |stored: &&StoredProvider| version.is_none_or(|version| stored.version > Some(version));
        let approved = configured().rfind(|stored| stored.applies_to_earlier && is_later(stored));
        let own = || match version {
            Some(version) => configured().rfind(|stored| stored.version == Some(version)),
            None => configured().rfind(|stored| self.has_shipped_call(stored)),
        };
        approved.or_else(own)
    }

    fn has_shipped_call(&self, stored: &StoredProvider) -> bool {
        self.shipped.as_ref().is_some_and(|shipped| shipped.revocation == stored.provider.revocation)
    }
}
