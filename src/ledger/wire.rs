//! What the edge says to a ledger, packed. Both ends are of the same build but while a deployment rolls out, so the
//! format is pinned by a test.

use serde::{Deserialize, Serialize};

use crate::core::{Digest, Request};

/// What the edge says. The answer to the first is an `Option<Authenticated>`, to the second an `Answer`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Message {
    /// Whose API key is this?
    Authenticate(Digest),
    /// Do this.
    Run(Box<Request>),
}
