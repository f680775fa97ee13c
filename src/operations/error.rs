//! Why a request fails, before a dialect renders it.
//!
//! ```
//! use hookswitch::core::Rule;
//! use hookswitch::operations::ApiError;
//!
//! let error = ApiError::invalid("upstream.expires_at", Rule::new("must be in the future"));
//! assert!(error.to_string().contains("upstream.expires_at"));
//! ```

use super::ledgers::LedgerUnavailable;
use super::violations::Violations;
use crate::core::string_enum::string_enum;
use crate::core::{DecisionError, Rule};

/// Why a request fails. The messages never repeat a value of the request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// The ledger refused the command. Nothing was changed.
    #[error(transparent)]
    Refused(#[from] DecisionError),
    /// Values of the request break rules.
    #[error(transparent)]
    Invalid(#[from] Violations),
    /// The body is not JSON.
    #[error("the body is not JSON: line {line}, column {column}")]
    NotJson {
        /// The line of the first error, from 1.
        line: usize,
        /// The column of the first error, from 1.
        column: usize,
    },
    /// The grant type is not supported (RFC 6749 §5.2).
    #[error("the grant type is not supported")]
    UnsupportedGrantType,
    /// The token type is not supported (RFC 7009 §2.2.1).
    #[error("the token type is not supported")]
    UnsupportedTokenType,
    /// The content type of the body is not one that the call accepts.
    #[error("the content type is not supported")]
    UnsupportedMediaType,
    /// The body is longer than `max` bytes.
    #[error("the body is longer than {max} bytes")]
    BodyTooLarge {
        /// The longest body, in bytes.
        max: usize,
    },
    /// The request has no credentials.
    #[error("the request has no credentials")]
    CredentialsMissing,
    /// The credentials are forged, dead, or of another kind. The cause is for the log: most answers do not show it.
    #[error("the credentials are not valid")]
    CredentialsInvalid(CredentialProblem),
    /// The request has no status ticket.
    #[error("the request has no status ticket")]
    TicketMissing,
    /// The status ticket is forged.
    #[error("the status ticket is not valid")]
    TicketInvalid,
    /// The validity of the status ticket is over.
    #[error("the status ticket has expired")]
    TicketExpired,
    /// The call is a WebSocket, and the request does not ask for one.
    #[error("the call requires a WebSocket upgrade")]
    UpgradeRequired,
    /// Pages of this origin may not open the WebSocket.
    #[error("pages of this origin may not open the WebSocket")]
    OriginForbidden,
    /// The caller made too many requests.
    #[error("too many requests")]
    RateLimited {
        /// The wait before the next request, in seconds.
        retry_after: u32,
    },
    /// No call has this path.
    #[error("there is no call with this path")]
    NoSuchPath,
    /// No call with this path has this method.
    #[error("the path has only the methods {allow}")]
    MethodNotAllowed {
        /// The methods of the path, as the `Allow` header has them.
        allow: String,
    },
    /// The configuration of the deployment cannot be used.
    #[error("the configuration of the deployment is incomplete")]
    Misconfigured(Vec<ConfigurationProblem>),
    /// A ledger did not answer. Whether it ran the command is unknown, so this is never a verdict.
    #[error(transparent)]
    Unavailable(#[from] LedgerUnavailable),
    /// Hookswitch has a defect, or the platform failed. The text is for the log only.
    #[error("internal error: {0}")]
    Internal(&'static str),
}

impl ApiError {
    /// The cause of the error for the log, if the answer may not show it.
    #[must_use]
    pub const fn log_cause(&self) -> Option<&'static str> {
        match self {
            Self::Internal(cause) => Some(cause),
            Self::CredentialsInvalid(problem) => Some(problem.as_str()),
            Self::CredentialsMissing => Some("the request has no credentials"),
            _ => None,
        }
    }

    /// One value of the request breaks a rule.
    #[must_use]
    pub fn invalid(path: impl Into<String>, rule: Rule) -> Self {
        Self::Invalid(Violations::one(path, rule))
    }
}

string_enum! {
    /// Why credentials are rejected, in words for the log.
    pub enum CredentialProblem {
        /// The key is not one of this deployment, or no API key.
        UnknownKey = "the API key is forged, of a dropped secret, or of another deployment",
        /// The key is not alive.
        DeadKey = "the API key is revoked, expired, or of a user that does not exist",
        /// The call is for administrators.
        NotAnAdmin = "the owner of the API key is not an admin",
        /// The project is not `PROJECT_ID`.
        WrongProject = "the project id is not PROJECT_ID, or PROJECT_ID is not set",
        /// The client id or secret cannot be one of this deployment.
        UnknownClient = "the client id is invalid, or the client secret was not created for this client",
        /// A public client has no secret that authenticates it.
        PublicClient = "a public client may not make this call",
    }
}

/// A variable or secret of the deployment that is missing or cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} {problem}")]
pub struct ConfigurationProblem {
    /// The name of the variable.
    pub name: &'static str,
    /// The problem, as the end of a sentence whose subject is the variable.
    pub problem: &'static str,
}
