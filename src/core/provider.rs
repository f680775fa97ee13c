//! Providers: the third parties whose credentials connections store, and how they revoke them.
//!
//! ```
//! use hookswitch::core::{Provider, UpstreamTokenType};
//!
//! let provider = Provider { slug: "acme".parse().unwrap(), name: "Acme".to_owned(), revocation: None, client_id: None };
//! assert!(!provider.revokes(UpstreamTokenType::AccessToken));
//! ```

use serde::{Deserialize, Serialize};

use super::ids::Slug;
use super::sealed::Sealed;
use super::string_enum::string_enum;
use super::time::Timestamp;

/// The highest number of `gone` errors or statuses of a provider.
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

/// The request by which a provider revokes a token, and the answers that mean that the token was already invalid.
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
