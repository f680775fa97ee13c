//! Global token revocation (draft-parecki-oauth-global-token-revocation): an identity provider ends everything of a user.
//!
//! The user is named by a subject identifier (RFC 9493): `opaque` with the user's id or external id, or `iss_sub` with this
//! issuer and the user's id. The revocation is one write in the user's ledger. The user has to sign in and authorize again.

use serde::Deserialize;

use crate::core::UserId;
use crate::core::cutoff::TokenKindSet;
use crate::core::params::RevokeFilter;
use crate::dialects::extract::JsonBody;
use crate::dialects::field::{Field, Nested};
use crate::dialects::operation::Operation;
use crate::dialects::problem_types::{FORBIDDEN, SUBJECT_UNSUPPORTED, UNAUTHENTICATED, USER_NOT_FOUND};
use crate::dialects::respond::NoContent;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::{ApiError, Context, users};

/// The path of the call.
pub(super) const PATH: &str = "/oauth/global-token-revocation";
/// The reason in the events of the user.
const REASON: &str = "global token revocation";

/// A request to end everything of a user. Other members are ignored.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct GlobalRevocationRequest {
    /// The user whose tokens and connections end.
    sub_id: Field<Nested<SubjectIdentifier>>,
}

/// A subject identifier (RFC 9493). Other members are ignored.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct SubjectIdentifier {
    /// `opaque` or `iss_sub`. Every other format is 422.
    format: Field<String>,
    /// The id or external id of the user. Required for `opaque`.
    #[serde(default)]
    id: Field<UserId>,
    /// The issuer of this deployment. Required for `iss_sub`.
    #[serde(default)]
    iss: Field<String>,
    /// The id of the user. Required for `iss_sub`.
    #[serde(default)]
    sub: Field<UserId>,
}

/// The user that a request names.
pub(super) enum Subject {
    /// A user by its id or external id.
    Opaque(UserId),
    /// A user of an issuer.
    OfIssuer {
        /// The issuer of the user's id.
        iss: String,
        /// The id of the user.
        sub: UserId,
    },
    /// A user in a format that the deployment does not know.
    Unsupported,
}

impl Validate for SubjectIdentifier {
    type Valid = Subject;

    fn validate(self, check: &mut Validator<'_>) -> Option<Subject> {
        match check.required("format", self.format)?.as_str() {
            "opaque" => Some(Subject::Opaque(check.required("id", self.id)?)),
            "iss_sub" => {
                let (iss, sub) = (check.required("iss", self.iss), check.required("sub", self.sub));
                Some(Subject::OfIssuer { iss: iss?, sub: sub? })
            }
            _ => Some(Subject::Unsupported),
        }
    }
}

impl Validate for GlobalRevocationRequest {
    type Valid = Subject;

    fn validate(self, check: &mut Validator<'_>) -> Option<Subject> {
        let Nested(subject) = check.required("sub_id", self.sub_id)?;
        check.nested("sub_id", subject)
    }
}

pub(super) async fn revoke(
    cx: &Context<'_>,
    JsonBody(subject): JsonBody<GlobalRevocationRequest>,
) -> Result<NoContent, ApiError> {
    let name = match subject {
        Subject::Opaque(name) => name,
        Subject::OfIssuer { iss, sub } if iss == cx.origin => sub,
        Subject::OfIssuer { .. } | Subject::Unsupported => return Err(ApiError::SubjectUnsupported),
    };
    let reason = Some(REASON.to_owned());
    let filter = RevokeFilter { before: None, app_id: None, kinds: TokenKindSet::ALL, reason };
    users::revoke_named(cx, name, filter).await?;
    Ok(NoContent)
}

pub(super) const REVOKE: Operation = Operation {
    id: "globalTokenRevocation",
    summary: "Revoke everything of a user",
    description: "Revokes every token and connection of the user in one write (draft-parecki-oauth-global-token-revocation). \
        The user is named by its id or external id (`opaque`), or by this issuer and its id (`iss_sub`).",
    tag: super::TAG,
    security: &[super::KEY],
    problems: &[&UNAUTHENTICATED, &FORBIDDEN, &USER_NOT_FOUND, &SUBJECT_UNSUPPORTED],
};
