//! The answer of introspection: JSON, or a signed JWT (RFC 9701).

use serde::Serialize;

use super::introspection::Introspection;
use crate::core::Principal;
use crate::dialects::extract::Extract;
use crate::dialects::request::HttpRequest;
use crate::dialects::respond::Respond;
use crate::dialects::response::HttpResponse;
use crate::dialects::route::Input;
use crate::dialects::validator::Validator;
use crate::operations::oauth::CallerCheck;
use crate::operations::{ApiError, Caller, Context, signing};

/// The media type of a signed answer, and, without `application/`, the type of the JWT.
const MEDIA_TYPE: &str = "application/token-introspection+jwt";
const JWT_TYPE: &str = "token-introspection+jwt";

/// Whether the caller asks for a signed answer: the header `Accept`.
pub(super) struct WantsSigned(bool);

impl WantsSigned {
    /// A signed answer names its caller, so the caller is authenticated in any case.
    pub(super) const fn caller_check(&self) -> CallerCheck {
        if self.0 { CallerCheck::Always } else { CallerCheck::UnlessForged }
    }
}

impl Extract for WantsSigned {
    const INPUT: Input = Input::NOTHING;

    fn extract(request: &HttpRequest<'_>, _: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        let accept = request.header("accept").unwrap_or_default().to_ascii_lowercase();
        let essence = |range: &str| range.split(';').next().unwrap_or_default().trim() == MEDIA_TYPE;
        Ok(Some(Self(accept.split(',').any(essence))))
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut crate::dialects::describe::Spec<'_>) {
        spec.header("Accept", "`application/token-introspection+jwt` for a signed answer (RFC 9701).");
    }
}

/// The claims of a signed answer (RFC 9701 §5). The times and the user of the token are inside: on the outside, the answer
/// could be taken for an access token.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: u64,
    token_introspection: &'a Introspection,
}

/// The answer of introspection.
pub(super) enum IntrospectionAnswer {
    /// The facts as JSON.
    Plain(Introspection),
    /// The facts in a signed JWT.
    Signed(String),
}

impl IntrospectionAnswer {
    /// The answer for a caller. The audience of a signed answer is the app, or the user whose key the caller has.
    pub(super) async fn new(
        cx: &Context<'_>,
        WantsSigned(is_signed): WantsSigned,
        introspection: Introspection,
    ) -> Result<Self, ApiError> {
        if !is_signed {
            return Ok(Self::Plain(introspection));
        }
        let aud = match &cx.caller {
            Caller::Client(client) => client.app_id.as_str(),
            Caller::Principal(Principal::User { user_id, .. }) => user_id.as_str(),
            _ => "root",
        };
        let claims = Claims { iss: cx.origin, aud, iat: cx.now.unix(), token_introspection: &introspection };
        let claims = serde_json::to_string(&claims).map_err(|_| ApiError::Internal("claims cannot be serialized"))?;
        Ok(Self::Signed(signing::sign(cx, JWT_TYPE, &claims).await?))
    }
}

impl Respond for IntrospectionAnswer {
    fn respond(self) -> HttpResponse {
        match self {
            Self::Plain(introspection) => HttpResponse::json(200, &introspection),
            Self::Signed(jwt) => HttpResponse::text(200, MEDIA_TYPE, jwt),
        }
        .with("pragma", "no-cache")
        .with("vary", "Accept")
    }

    #[cfg(feature = "openapi")]
    fn describe(spec: &mut crate::dialects::describe::Spec<'_>) {
        spec.response::<Introspection>(200, "The result.");
        spec.text_response(200, MEDIA_TYPE, "The result.");
    }
}
