//! Cross-origin requests: which pages may read responses and open WebSockets.

use crate::dialects::request::Headers;
use crate::dialects::response::HttpResponse;

/// The request headers that a page may send, besides those that every page may.
///
/// Clients of the Model Context Protocol send `mcp-protocol-version` with every request, discovery included.
const REQUEST_HEADERS: &str = "authorization, content-type, idempotency-key, if-none-match, mcp-protocol-version";
/// The response headers that a page may read, besides those that every page may.
const RESPONSE_HEADERS: &str = "etag, idempotency-replayed, retry-after, www-authenticate, x-request-id";
/// For how many seconds a browser may reuse the answer to a preflight request.
const MAX_AGE: &str = "7200";

/// The origins whose pages may read responses.
pub(super) struct AllowedOrigins(Vec<String>);

impl AllowedOrigins {
    /// Reads `CORS_ORIGINS`: origins separated by commas, or `*` for all.
    pub(super) fn parse(text: &str) -> Self {
        let origins = text.split(',').map(|origin| origin.trim().trim_end_matches('/'));
        Self(origins.filter(|origin| !origin.is_empty()).map(str::to_owned).collect())
    }

    fn contains(&self, origin: &str) -> bool {
        self.0.iter().any(|allowed| allowed == "*" || allowed == origin)
    }

    /// Whether a request may open a WebSocket: it is from no page, from a page of this deployment (`own_origin`), or from a
    /// page of an allowed origin.
    pub(super) fn may_connect(&self, headers: &dyn Headers, own_origin: &str) -> bool {
        headers.get("origin").is_none_or(|origin| origin == own_origin || self.contains(&origin))
    }

    /// Lets the page that made the request read the response, if its origin is allowed.
    pub(super) fn share(&self, response: HttpResponse, headers: &dyn Headers) -> HttpResponse {
        let response = response.with("vary", "Origin");
        match headers.get("origin").filter(|origin| self.contains(origin)) {
            Some(origin) => response
                .with("access-control-allow-origin", origin)
                .with("access-control-expose-headers", RESPONSE_HEADERS),
            None => response,
        }
    }

    /// The answer to a preflight request. `methods` are those of the path.
    pub(super) fn preflight(&self, methods: &str, headers: &dyn Headers) -> HttpResponse {
        let response = HttpResponse::empty(204)
            .with("access-control-allow-methods", methods)
            .with("access-control-allow-headers", REQUEST_HEADERS)
            .with("access-control-max-age", MAX_AGE);
        self.share(response, headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "https://hookswitch.example";
    const PAGE: &str = "https://app.example";

    #[test]
    fn only_pages_of_allowed_origins_read_responses() {
        let shared = |allowed: &str, origin: &str| {
            let response = AllowedOrigins::parse(allowed).share(HttpResponse::empty(200), &[("origin", origin)]);
            response.header("access-control-allow-origin").map(str::to_owned)
        };
        assert_eq!(shared("https://app.example/, https://b.example", PAGE).as_deref(), Some(PAGE));
        assert_eq!(shared("*", PAGE).as_deref(), Some(PAGE));
        assert_eq!(shared("", PAGE), None);
        assert_eq!(shared("https://b.example", PAGE), None);
    }

    #[test]
    fn websockets_are_opened_by_own_and_allowed_pages_and_by_programs() {
        let none = AllowedOrigins::parse("");
        assert!(none.may_connect(&[], OWN));
        assert!(none.may_connect(&[("origin", OWN)], OWN));
        assert!(!none.may_connect(&[("origin", PAGE)], OWN));
        assert!(AllowedOrigins::parse(PAGE).may_connect(&[("origin", PAGE)], OWN));
    }

    #[test]
    fn preflight_allows_the_headers_that_calls_read_and_that_clients_add() {
        let response = AllowedOrigins::parse(PAGE).preflight("POST", &[("origin", PAGE)]);
        let listed = |name| response.header(name).unwrap_or_default().split(", ").collect::<Vec<_>>();
        let allowed = listed("access-control-allow-headers");
        for name in ["authorization", "content-type", "idempotency-key", "if-none-match", "mcp-protocol-version"] {
            assert!(allowed.contains(&name), "{name}");
        }
        let exposed = listed("access-control-expose-headers");
        for name in ["etag", "retry-after", "www-authenticate", "x-request-id"] {
            assert!(exposed.contains(&name), "{name}");
        }
    }
}
