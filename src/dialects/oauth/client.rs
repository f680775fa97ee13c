//! Client authentication: HTTP Basic or the parameters of the body (RFC 6749 §2.3).

use serde::Deserialize;

use crate::core::{AppId, HandleKind, LedgerId, Rule};
use crate::dialects::field::{Field, not_empty};
use crate::dialects::request::{BasicCredentials, HttpRequest};
use crate::operations::{ApiError, ClientCredentials, Config, CredentialProblem, Credentials};

/// The parameters of the body that name the client. An empty one counts as absent.
#[derive(Deserialize)]
pub struct ClientParameters {
    #[serde(default, deserialize_with = "not_empty")]
    client_id: Field<String>,
    #[serde(default, deserialize_with = "not_empty")]
    client_secret: Field<String>,
}

impl ClientParameters {
    /// Whether the body names a client.
    #[must_use]
    pub const fn names_client(&self) -> bool {
        self.client_id.is_present()
    }

    /// The client that the request authenticates as, with HTTP Basic or in the body.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] if the request authenticates in two ways.
    pub fn credentials(self, request: &HttpRequest<'_>, config: &Config) -> Result<Credentials, ApiError> {
        let Some(basic) = request.basic() else {
            return self.credentials_in_body(config);
        };
        if self.client_secret.is_present() {
            let rule = Rule::new("must not be sent together with an Authorization header");
            return Err(ApiError::invalid("client_secret", rule));
        }
        let client_id = text("client_id", self.client_id)?;
        let is_named = |basic: &&BasicCredentials| client_id.as_ref().is_none_or(|client_id| basic.name == *client_id);
        if client_id.is_some() && !basic.iter().any(|basic| is_named(&basic)) {
            let rule = Rule::new("must be the client of the Authorization header");
            return Err(ApiError::invalid("client_id", rule));
        }
        // The standard's reading comes first: a public client has no secret that shows which reading is right.
        let client = basic.iter().rev().filter(is_named).find_map(|basic| match basic.password.as_str() {
            "" => public(&basic.name),
            password => confidential(config, &basic.name, password),
        });
        Ok(client.unwrap_or(Credentials::Invalid(CredentialProblem::UnknownClient)))
    }

    /// The client that the body names.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] if a parameter is not a text.
    pub fn credentials_in_body(self, config: &Config) -> Result<Credentials, ApiError> {
        let client_id = text("client_id", self.client_id)?;
        let secret = text("client_secret", self.client_secret)?;
        let client = match (client_id, secret) {
            (None, _) => return Ok(Credentials::Missing),
            (Some(client_id), Some(secret)) => confidential(config, &client_id, &secret),
            (Some(client_id), None) => public(&client_id),
        };
        Ok(client.unwrap_or(Credentials::Invalid(CredentialProblem::UnknownClient)))
    }
}

fn text(name: &str, field: Field<String>) -> Result<Option<String>, ApiError> {
    match field {
        Field::Absent => Ok(None),
        Field::Valid(text) => Ok(Some(text)),
        Field::Invalid(rule) => Err(ApiError::invalid(name, rule)),
    }
}

/// A client without a secret. An empty secret is none (RFC 6749 §2.3.1).
fn public(client_id: &str) -> Option<Credentials> {
    let app_id = client_id.parse().ok()?;
    Some(Credentials::Client(ClientCredentials { app_id, secret: None }))
}

/// A client with its secret. A secret that was not created for this client is rejected without a lookup.
fn confidential(config: &Config, client_id: &str, secret: &str) -> Option<Credentials> {
    let app_id: AppId = client_id.parse().ok()?;
    let secret = config.keyring.open(secret).ok()?;
    let is_own = secret.kind() == HandleKind::ClientSecret && secret.ledger_id() == LedgerId::of_app(&app_id);
    is_own.then(|| Credentials::Client(ClientCredentials { app_id, secret: Some(secret.digest()) }))
}
