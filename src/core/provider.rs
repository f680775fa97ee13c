//! Providers: whose credentials a connection holds, and how those are revoked there.

use super::credential::Sealed;
use super::ids::Slug;
use super::pack::packed;
use super::time::Timestamp;
use super::words::words;

/// The most answers of one sort that a provider lists.
pub const ANSWERS_MAX: usize = 16;

words! {
    /// The credentials that a provider grants.
    pub enum TokenType {
        /// Gets new access tokens.
        RefreshToken = "refresh_token",
        /// Opens the provider's API.
        AccessToken = "access_token",
    }
}

words! {
    /// How a revocation is asked for.
    pub enum Method {
        /// As RFC 7009 says: POST, a form with `token` and `token_type_hint`.
        Rfc7009 = "rfc7009",
        /// A POST of the provider's own.
        Post = "post",
        /// A DELETE.
        Delete = "delete",
        /// A GET.
        Get = "get",
    }
}

words! {
    /// How the client authenticates, or who else does.
    pub enum Auth {
        /// The client, by Basic.
        Basic = "basic",
        /// The client, in the body.
        Post = "post",
        /// The token that is revoked, as a bearer.
        Bearer = "bearer",
        /// Nobody.
        None = "none",
    }
}

words! {
    /// Where the token and the other parameters go.
    pub enum Body {
        /// Into a form.
        Form = "form",
        /// Into a JSON object.
        Json = "json",
        /// Into the query.
        Query = "query",
        /// Nowhere: the URL or the bearer says it all.
        None = "none",
    }
}

/// How tokens are revoked at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// How it is asked for.
    pub method: Method,
    /// Where; `{client_id}` and `{token}` stand for what they say.
    pub url: String,
    /// Who authenticates.
    pub auth: Auth,
    /// Where the parameters go.
    pub body: Body,
    /// What the token is called there.
    pub parameter: String,
    /// Which tokens.
    pub tokens: Vec<TokenType>,
    /// The `error` of an answer that means that the token was dead before, beside RFC 7009's 200.
    pub gone: Vec<String>,
    /// The statuses of an answer that mean the same.
    pub gone_statuses: Vec<u32>,
}

packed!(struct Revocation { method, url, auth, body, parameter, tokens, gone, gone_statuses });

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name in the API.
    pub slug: Slug,
    /// What people know it as.
    pub name: String,
    /// How tokens are revoked there; none, where it offers no way.
    pub revocation: Option<Revocation>,
    /// What it knows us as.
    pub client_id: Option<String>,
}

packed!(struct Provider { slug, name, revocation, client_id });

impl Provider {
    /// Whether such credentials can be revoked there.
    #[must_use]
    pub fn revokes(&self, token_type: TokenType) -> bool {
        self.revocation.as_ref().is_some_and(|revocation| revocation.tokens.contains(&token_type))
    }
}

/// A provider that an operator has put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What was said of it.
    pub provider: Provider,
    /// What we prove with who we are there.
    pub client_secret: Option<Sealed>,
    /// When it was first put.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

packed!(struct Stored { provider, client_secret, created_at, updated_at });

impl Stored {
    /// What the client secret is sealed for.
    #[must_use]
    pub fn sealed_for(slug: &Slug) -> String {
        ["provider:", slug.as_str()].concat()
    }
}
