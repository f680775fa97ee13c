//! `/v1/tokens`: connection tokens are created and consumed; tokens of every kind are checked and revoked.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::BEARER;
use super::connection_response::ConnectionResponse;
use super::redirect_uri::RedirectUri;
use super::users::{Reason, UserResponse};
use super::verdict::{FactsResponse, UnknownVerdict, VerdictResponse};
use crate::core::decide::tokens::{Consumed, MintToken, TokenRevoked};
use crate::core::params::{CHECK_MAX, MintKind, MintParams};
use crate::core::rfc3339::Rfc3339;
use crate::core::string_enum::string_enum;
use crate::core::token::CONNECTION_TOKEN_TTL_MAX;
use crate::core::{AppId, Digest, NamedToken, Rule, Scope, Status, TokenId, TokenKind, UserId, pkce};
use crate::dialects::extract::JsonBody;
use crate::dialects::field::{Field, List, not_empty};
use crate::dialects::field_types::{JsonObject, ShortText, Whole};
use crate::dialects::operation::{Operation, Tag};
use crate::dialects::problem_types::{
    APP_NOT_FOUND, CONNECTION_INACTIVE, CONNECTION_REVOKED, FORBIDDEN, IDEMPOTENCY_CONFLICT, INVALID_SCOPE,
    NOT_A_CONNECTION_TOKEN, REDIRECT_URI_NOT_REGISTERED, TOKEN_CONSUMED, TOKEN_EXPIRED, TOKEN_NOT_FOUND, TOKEN_REVOKED,
    USER_NOT_CONNECTABLE, USER_NOT_FOUND,
};
use crate::dialects::respond::{Body, CreatedBody};
use crate::dialects::route::Route;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::tokens::{self, BatchVerdict, Check, Revoke};
use crate::operations::{ApiError, Context};

/// The label of a token, which the caller chooses.
pub(super) type Label = ShortText<0, 64>;
/// The longest metadata of a token or connection, in bytes of JSON.
pub(super) const METADATA_MAX: usize = 4_096;

const BASE: Operation = Operation {
    tag: Tag {
        name: "Tokens",
        description: "Connection tokens are created and consumed once. Tokens of every kind are checked and revoked.",
    },
    security: &[BEARER],
    ..Operation::UNDOCUMENTED
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/tokens", create).operation(|| Operation {
            id: "mintToken",
            summary: "Create a connection token",
            description: "Creates a single-use token for a user. With `app_id`, the token connects the user to the app when \
                it is consumed or exchanged. The secret is returned once and stored only as a digest.",
            problems: &[
                &INVALID_SCOPE,
                &REDIRECT_URI_NOT_REGISTERED,
                &FORBIDDEN,
                &USER_NOT_CONNECTABLE,
                &USER_NOT_FOUND,
                &APP_NOT_FOUND,
                &IDEMPOTENCY_CONFLICT,
            ],
            ..BASE
        }),
        Route::post("/v1/tokens/check", check).read_only().operation(|| Operation {
            id: "checkTokens",
            summary: "Check one token or many",
            description: "Returns the verdict on a token, named by its secret or by its public id. A check changes nothing. \
                With `tokens`, up to 100 tokens of any users are checked together; a token that does not exist, or that \
                you may not see, is `unknown`.",
            problems: &[&FORBIDDEN, &TOKEN_NOT_FOUND],
            ..BASE
        }),
        Route::post("/v1/tokens/consume", consume).operation(|| Operation {
            id: "consumeToken",
            summary: "Consume a connection token",
            description: "Uses a connection token. The first request succeeds, every later one is 409 with the verdict. \
                The answer has the user, and the connection if the token connected an app.",
            problems: &[
                &NOT_A_CONNECTION_TOKEN,
                &FORBIDDEN,
                &USER_NOT_CONNECTABLE,
                &TOKEN_NOT_FOUND,
                &TOKEN_CONSUMED,
                &TOKEN_REVOKED,
                &TOKEN_EXPIRED,
                &CONNECTION_INACTIVE,
                &CONNECTION_REVOKED,
                &IDEMPOTENCY_CONFLICT,
            ],
            ..BASE
        }),
        Route::post("/v1/tokens/revoke", revoke).operation(|| Operation {
            id: "revokeToken",
            summary: "Revoke a token",
            description: "Revokes a token of any kind, named by its secret or by its public id. A token that is dead already \
                keeps its status: `changed` is false then.",
            problems: &[&FORBIDDEN, &TOKEN_NOT_FOUND, &IDEMPOTENCY_CONFLICT],
            ..BASE
        }),
    ]
}

string_enum! {
    /// The methods by which a code challenge is computed (RFC 7636).
    pub(super) enum ChallengeMethod {
        /// SHA-256 (RFC 7636 §4.2).
        S256 = "S256",
    }
}

/// An S256 code challenge (RFC 7636).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(with = "String"))]
struct CodeChallenge(Digest);

impl FromStr for CodeChallenge {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        pkce::parse_challenge(text).map(Self)
    }
}

/// A connection token to create.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct CreateTokenRequest {
    /// The user that the token is for.
    user_id: Field<UserId>,
    /// The validity in seconds. The default is a day.
    #[serde(default)]
    ttl: Field<Whole<1, CONNECTION_TOKEN_TTL_MAX>>,
    /// The app that the token connects the user to.
    #[serde(default)]
    app_id: Field<AppId>,
    /// The scopes that the app gets. The default is all scopes of the app.
    #[serde(default, deserialize_with = "not_empty")]
    scope: Field<Scope>,
    /// The URI to which the user returns: a redirect URI of the app. It needs `app_id`.
    #[serde(default)]
    redirect_uri: Field<RedirectUri>,
    /// The S256 challenge of the client that exchanges the token (RFC 7636). It needs `app_id`.
    #[serde(default)]
    code_challenge: Field<CodeChallenge>,
    /// The method of `code_challenge`.
    #[serde(default)]
    code_challenge_method: Field<ChallengeMethod>,
    /// Data to store with the token. Every verdict has it.
    #[serde(default)]
    metadata: Field<JsonObject<METADATA_MAX>>,
    /// A label of your choice.
    #[serde(default)]
    label: Field<Label>,
}

impl Validate for CreateTokenRequest {
    type Valid = MintToken;

    fn validate(self, check: &mut Validator<'_>) -> Option<MintToken> {
        let user_id = check.required("user_id", self.user_id);
        let ttl = check.optional("ttl", self.ttl).map_or(CONNECTION_TOKEN_TTL_MAX, |Whole(seconds)| seconds);
        for (name, is_present) in
            [("redirect_uri", self.redirect_uri.is_present()), ("code_challenge", self.code_challenge.is_present())]
        {
            if is_present && !self.app_id.is_present() {
                check.fail(name, "must be left out if app_id is left out");
            }
        }
        let params = MintParams {
            app_id: check.optional("app_id", self.app_id),
            scope: check.optional("scope", self.scope),
            redirect_uri: check.optional("redirect_uri", self.redirect_uri).map(|RedirectUri(uri)| uri),
            code_challenge: check.optional("code_challenge", self.code_challenge).map(|CodeChallenge(digest)| digest),
            label: check.optional("label", self.label).map(|ShortText(label)| label),
            metadata: check.optional("metadata", self.metadata).map(|JsonObject(metadata)| metadata),
            ..MintParams::plain(MintKind::ConnectionToken, Some(ttl))
        };
        check.optional("code_challenge_method", self.code_challenge_method);
        Some(MintToken { user_id: user_id?, params })
    }
}

/// A connection token with its secret.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "CreatedToken"))]
struct CreatedTokenResponse {
    /// The secret: `hct_` and 48 hex digits. It is shown only here.
    token: String,
    /// The public id.
    token_id: TokenId,
    /// The user that the token is for.
    user_id: UserId,
    /// The kind of token.
    kind: TokenKind,
    /// The status of the token.
    status: Status,
    /// When the token was created.
    created_at: Rfc3339,
    /// When the token expires.
    expires_at: Option<Rfc3339>,
    #[serde(flatten)]
    facts: FactsResponse,
}

async fn create(
    cx: &Context<'_>,
    JsonBody(command): JsonBody<CreateTokenRequest>,
) -> Result<CreatedBody<CreatedTokenResponse>, ApiError> {
    let tokens::Created { verdict, secret } = tokens::create(cx, command).await?;
    Ok(CreatedBody(CreatedTokenResponse {
        token: secret,
        status: verdict.status(),
        token_id: verdict.token_id,
        user_id: verdict.user_id,
        kind: verdict.kind,
        created_at: Rfc3339(verdict.created_at),
        expires_at: verdict.expires_at.map(Rfc3339),
        facts: verdict.facts.into(),
    }))
}

/// How a request names a token.
enum TokenName {
    /// By its secret.
    Secret(String),
    /// By its public id.
    Id { token_id: String, user_id: Option<UserId> },
}

impl TokenName {
    /// Takes the fields that name a token: `token`, or `token_id` with or without `user_id`.
    fn take(
        check: &mut Validator<'_>,
        token: Field<String>,
        token_id: Field<String>,
        user_id: Field<UserId>,
    ) -> Option<Self> {
        let by_secret = token.is_present();
        for (name, is_present) in [("token_id", token_id.is_present()), ("user_id", user_id.is_present())] {
            if by_secret && is_present {
                check.fail(name, "must be left out if token is given");
            }
        }
        if !by_secret && !token_id.is_present() {
            check.fail("token", "is required unless token_id is given");
        }
        let token_id = check.optional("token_id", token_id);
        let user_id = check.optional("user_id", user_id);
        match check.optional("token", token) {
            Some(secret) => Some(Self::Secret(secret)),
            None => Some(Self::Id { token_id: token_id?, user_id }),
        }
    }

    /// The token, and the user that it belongs to according to the request.
    fn resolve(self, cx: &Context<'_>) -> (NamedToken, Option<UserId>) {
        match self {
            Self::Secret(secret) => (NamedToken::of(cx.config.keyring.open(&secret)), None),
            Self::Id { token_id, user_id } => {
                let token = NamedToken::of(cx.config.keyring.open(&token_id)).by_public_id();
                (user_id.iter().fold(token, NamedToken::of_user), user_id)
            }
        }
    }
}

/// The token or tokens to check: exactly one of `token`, `token_id` and `tokens`.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct CheckTokensRequest {
    /// The secret of the token.
    #[serde(default)]
    token: Field<String>,
    /// The public id of the token.
    #[serde(default)]
    token_id: Field<String>,
    /// With `token_id`: the user that the token belongs to. For another user's token the answer is 404.
    #[serde(default)]
    user_id: Field<UserId>,
    /// The secrets or public ids of up to 100 tokens.
    #[serde(default)]
    tokens: Field<List<String, 1, CHECK_MAX>>,
}

/// A valid [`CheckTokensRequest`].
enum CheckParams {
    One(TokenName),
    Many(Vec<String>),
}

impl Validate for CheckTokensRequest {
    type Valid = CheckParams;

    fn validate(self, check: &mut Validator<'_>) -> Option<CheckParams> {
        if !self.tokens.is_present() {
            return TokenName::take(check, self.token, self.token_id, self.user_id).map(CheckParams::One);
        }
        for (name, is_present) in [
            ("token", self.token.is_present()),
            ("token_id", self.token_id.is_present()),
            ("user_id", self.user_id.is_present()),
        ] {
            if is_present {
                check.fail(name, "must be left out if tokens is given");
            }
        }
        check.optional("tokens", self.tokens).map(|List(tokens)| CheckParams::Many(tokens))
    }
}

/// The verdict on a token, or the verdicts on many.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(untagged)]
enum CheckResponse {
    /// The verdict on one token.
    One(Box<VerdictResponse>),
    /// The verdicts on many tokens.
    Many(VerdictBatch),
}

/// The verdicts on many tokens.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct VerdictBatch {
    /// The verdicts, in the order of the request.
    items: Vec<BatchItem>,
}

/// The verdict on one of many tokens.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(untagged)]
enum BatchItem {
    /// The verdict.
    Known(Box<VerdictResponse>),
    /// The token does not exist, or the caller may not see it, or its ledger did not answer.
    Unknown(UnknownVerdict),
}

async fn check(
    cx: &Context<'_>,
    JsonBody(params): JsonBody<CheckTokensRequest>,
) -> Result<Body<CheckResponse>, ApiError> {
    let tokens = match params {
        CheckParams::One(name) => {
            let (token, user_id) = name.resolve(cx);
            let verdict = tokens::check(cx, Check { token, user_id }).await?;
            return Ok(Body(CheckResponse::One(Box::new(verdict.into()))));
        }
        CheckParams::Many(tokens) => tokens,
    };
    let named: Vec<_> = tokens.iter().map(|text| NamedToken::of(cx.config.keyring.open(text))).collect();
    let as_of = Rfc3339(cx.now);
    let items = tokens::check_batch(cx, &named).await?.into_iter().map(|verdict| match verdict {
        BatchVerdict::Known(verdict) => BatchItem::Known(Box::new((*verdict).into())),
        BatchVerdict::Unknown => BatchItem::Unknown(UnknownVerdict::at(as_of)),
        BatchVerdict::Unavailable => BatchItem::Unknown(UnknownVerdict::unavailable(as_of)),
    });
    Ok(Body(CheckResponse::Many(VerdictBatch { items: items.collect() })))
}

/// The connection token to consume.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct ConsumeTokenRequest {
    /// The secret of the token.
    token: Field<String>,
}

impl Validate for ConsumeTokenRequest {
    type Valid = String;

    fn validate(self, check: &mut Validator<'_>) -> Option<String> {
        check.required("token", self.token)
    }
}

/// A connection token that was consumed, with the user that it lets in.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ConsumedToken"))]
struct ConsumedTokenResponse {
    #[serde(flatten)]
    verdict: VerdictResponse,
    /// The user that the token belongs to.
    user: UserResponse,
    /// The connection that the token completed; null if the token names no app.
    connection: Option<ConnectionResponse>,
}

async fn consume(
    cx: &Context<'_>,
    JsonBody(token): JsonBody<ConsumeTokenRequest>,
) -> Result<Body<ConsumedTokenResponse>, ApiError> {
    let token = NamedToken::of(cx.config.keyring.open(&token));
    let Consumed { verdict, user, connection } = tokens::consume(cx, &token).await?;
    let connection = connection.map(Into::into);
    Ok(Body(ConsumedTokenResponse { verdict: verdict.into(), user: user.into(), connection }))
}

/// The token to revoke: either `token` or `token_id`.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct RevokeTokenRequest {
    /// The secret of the token.
    #[serde(default)]
    token: Field<String>,
    /// The public id of the token.
    #[serde(default)]
    token_id: Field<String>,
    /// With `token_id`: the user that the token belongs to. For another user's token the answer is 404.
    #[serde(default)]
    user_id: Field<UserId>,
    /// Why, in your words. Events and verdicts show it.
    #[serde(default)]
    reason: Field<Reason>,
}

impl Validate for RevokeTokenRequest {
    type Valid = (TokenName, Option<String>);

    fn validate(self, check: &mut Validator<'_>) -> Option<Self::Valid> {
        let name = TokenName::take(check, self.token, self.token_id, self.user_id);
        let reason = check.optional("reason", self.reason).map(|ShortText(reason)| reason);
        Some((name?, reason))
    }
}

/// The verdict on a token after a revocation.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "RevokedToken"))]
struct RevokedTokenResponse {
    /// Whether this request revoked the token. False if the token was dead already.
    changed: bool,
    /// The status before the request.
    previous: Status,
    /// No check returns `valid` after this time. It is later than the revocation only if `LEASE_SECONDS` is set.
    effective_at: Rfc3339,
    #[serde(flatten)]
    verdict: VerdictResponse,
}

async fn revoke(
    cx: &Context<'_>,
    JsonBody((name, reason)): JsonBody<RevokeTokenRequest>,
) -> Result<Body<RevokedTokenResponse>, ApiError> {
    let (token, user_id) = name.resolve(cx);
    let TokenRevoked { previous, verdict } = tokens::revoke(cx, Revoke { token, user_id, reason }).await?;
    let ended_at = verdict.state.death().map_or(verdict.as_of, |death| death.at);
    let effective_at = Rfc3339(cx.config.settings.leases.effective_at(ended_at));
    let changed = !previous.is_terminal();
    Ok(Body(RevokedTokenResponse { changed, previous, effective_at, verdict: verdict.into() }))
}
