//! Documents that clients publish at URLs of their own: client metadata and keys.
//!
//! A document is fetched from a public host by https, without redirects, within five seconds. The isolate remembers it for as
//! long as its `Cache-Control` allows, but for at least five minutes and at most a day. An error is never remembered.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::documents;
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! let fetched = deployment.run(documents::get(&deployment.root(), "http://10.0.0.1/keys", 5_120));
//! assert!(fetched.unwrap().is_err());
//! # }
//! ```

use std::borrow::Cow;
use std::time::Duration;

use super::context::Context;
use super::platform::OutboundRequest;
use crate::core::Timestamp;
use crate::upstream::address::check;

/// How long a host has to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The shortest and the longest time for which a document is remembered, in seconds.
const REMEMBERED_MIN: i64 = 300;
const REMEMBERED_MAX: i64 = 86_400;
/// The longest URL of a document, in bytes.
const URL_MAX: usize = 2_048;

/// A document in the memory of an isolate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RememberedDocument {
    /// The text of the document.
    pub text: String,
    /// When the document was fetched.
    pub fetched_at: Timestamp,
    /// The end of the entry's validity.
    pub valid_until: Timestamp,
}

/// Why there is no document, as the end of a sentence whose subject is the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentProblem {
    /// The URL is not one that the deployment may call.
    #[error("is not at an https URL of a public host")]
    Url,
    /// The host did not answer with a document.
    #[error("could not be fetched: its host must answer with status 200 within 5 seconds, without a redirect")]
    Unreachable,
    /// The document is too long.
    #[error("is too long")]
    TooLong,
}

/// A document of at most `length` bytes, as the isolate remembers it or as it is now.
///
/// # Errors
/// The [`DocumentProblem`].
pub async fn get(cx: &Context<'_>, url: &str, length: usize) -> Result<RememberedDocument, DocumentProblem> {
    match cx.platform.memory().document(url).filter(|document| cx.now < document.valid_until) {
        Some(document) => Ok(document),
        None => fetch(cx, url, length).await,
    }
}

/// A document of at most `length` bytes, as it is now.
///
/// # Errors
/// The [`DocumentProblem`].
pub async fn fetch(cx: &Context<'_>, url: &str, length: usize) -> Result<RememberedDocument, DocumentProblem> {
    if url.len() > URL_MAX || check(url, cx.config.settings.environment).is_err() {
        return Err(DocumentProblem::Url);
    }
    let headers = vec![(Cow::Borrowed("accept"), "application/json".to_owned())];
    let request = OutboundRequest { method: "GET", url: url.to_owned(), headers, body: None };
    let response = cx.platform.http().send(request, TIMEOUT).await.map_err(|_| DocumentProblem::Unreachable)?;
    if response.status != 200 {
        return Err(DocumentProblem::Unreachable);
    }
    if response.body.len() > length {
        return Err(DocumentProblem::TooLong);
    }
    let seconds = response.cache_control.as_deref().map_or(REMEMBERED_MIN, max_age);
    let valid_until = cx.now.plus_seconds(seconds.clamp(REMEMBERED_MIN, REMEMBERED_MAX));
    let document = RememberedDocument { text: response.body, fetched_at: cx.now, valid_until };
    cx.platform.memory().remember_document(url, document.clone());
    Ok(document)
}

/// The number of `max-age` in a `Cache-Control` header (RFC 9111 §5.2.2); 0 if the document may not be stored.
fn max_age(header: &str) -> i64 {
    let header = header.to_ascii_lowercase();
    let directives: Vec<_> = header.split(',').map(str::trim).collect();
    if directives.iter().any(|directive| matches!(*directive, "no-store" | "no-cache")) {
        return 0;
    }
    let age = directives.iter().find_map(|directive| directive.strip_prefix("max-age="));
    age.and_then(|age| age.trim_matches('"').parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_validity_of_a_document_is_read_from_its_header() {
        for (header, expected) in [
            ("max-age=600", 600),
            ("public, Max-Age=\"600\"", 600),
            ("no-store, max-age=600", 0),
            ("no-cache", 0),
            ("max-age=x", 0),
            ("", 0),
        ] {
            assert_eq!(max_age(header), expected, "{header}");
        }
    }
}
