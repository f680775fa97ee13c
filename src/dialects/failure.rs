//! Why a request got no answer, before any dialect has put it in its words.

use crate::core::Refusal;

/// Why a request got no answer. Texts in it are for whoever sent the request, and never repeat what was sent.
///
/// Three words long, as it goes through every function that can fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The ledger refused it.
    Refused(Refusal),
    /// A field is not what it has to be.
    Invalid(Box<Invalid>),
    /// The body is not JSON.
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// Something that the call does not do; in RFC 6749's words.
    Unsupported(&'static str),
    /// The body is in a format that the call does not take.
    MediaType,
    /// The body is longer than 64 KiB.
    TooLarge,
    /// No key came with the request.
    KeyMissing,
    /// The key is forged, dead, or nothing of the kind.
    KeyInvalid,
    /// No status ticket came with the request.
    TicketMissing,
    /// The status ticket is forged.
    TicketInvalid,
    /// The status ticket has ended.
    TicketExpired,
    /// The call is a WebSocket, and the request asks for none.
    NoUpgrade,
    /// The page that asks is of an origin that may not.
    OriginRefused,
    /// The principal made too many requests.
    RateLimited {
        /// When to come again, in seconds.
        retry_after: &'static str,
    },
    /// There is nothing at this path.
    NotFound,
    /// The path knows other methods.
    MethodNotAllowed {
        /// Which, as `Allow` spells them.
        allow: Box<str>,
    },
    /// The deployment lacks secrets: each with what is wrong with it.
    Misconfigured(Box<[(&'static str, &'static str)]>),
    /// The ledger did not answer; whether it did what was asked is not known. Never a verdict.
    Unavailable,
    /// A defect of ours, in words for the log alone.
    Internal(&'static str),
}

impl Failure {
    /// A field that is not what it has to be.
    #[must_use]
    pub fn invalid(field: &str, problem: &str) -> Self {
        Self::Invalid(Box::new(Invalid { field: field.to_owned(), problem: problem.to_owned() }))
    }
}

/// A field that is not what it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Which field, parameter or header.
    pub field: String,
    /// What it has to be.
    pub problem: String,
}

/// What is wrong with a deployment's secrets, as a sentence.
#[must_use]
pub fn misconfigured(wrong: &[(&str, &str)]) -> String {
    let mut sentence = String::new();
    for (name, problem) in wrong {
        sentence.push_str(if sentence.is_empty() { "" } else { ", " });
        sentence.push_str(name);
        sentence.push(' ');
        sentence.push_str(problem);
    }
    sentence
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// An outcome that a call cannot have.
pub const UNEXPECTED: Failure = Failure::Internal("an outcome that the call cannot have");

/// How long to wait before a request that found the ledger unavailable comes again, in seconds.
pub const UNAVAILABLE_RETRY_AFTER: &str = "1";
