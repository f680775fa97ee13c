//! Requests to third parties: providers, which revoke credentials, and webhook endpoints, which receive events.
//!
//! The requests and the meaning of the responses are pure: [`call`] builds a request from data, [`answer`] interprets the
//! response. [`dispatch`] and [`webhooks`] send requests through an [`http::HttpClient`].
//!
//! ```
//! use hookswitch::core::UpstreamTokenType;
//! use hookswitch::upstream::{call::revocation_request, catalogue};
//!
//! let google = catalogue::all().find(|provider| provider.slug.as_str() == "google").unwrap();
//! let request = revocation_request(&google, None, UpstreamTokenType::RefreshToken, "1//token").unwrap();
//! assert_eq!((request.method, request.url.as_str()), ("POST", "https://oauth2.googleapis.com/revoke"));
//! ```

pub mod address;
pub mod answer;
mod answer_body;
pub mod call;
pub mod catalogue;
mod catalogue_answers;
pub mod dispatch;
pub mod http;
pub mod retry_after;
pub mod template;
pub mod webhooks;
