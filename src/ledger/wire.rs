//! What the edge says to a ledger, packed. Both ends are of the same build but while a deployment rolls out, so the
//! format is pinned by a test.

use serde::{Deserialize, Serialize};

use crate::core::{Digest, Request, UserId};

/// What the edge says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Message {
    /// Whose API key is this? The answer is an `Option<Authenticated>`.
    Authenticate(Digest),
    /// Do this. The answer is an `Answer`.
    Run(Box<Request>),
    /// Which app is it that this ledger is about? The answer is an `Option<App>`.
    App,
    /// Who has the external id that this ledger is about? The answer is an `Option<UserId>`.
    Holder,
    /// Let this user have the external id that this ledger is about, unless somebody else has it but this one. The
    /// answer is an `Option<UserId>`: who has it now.
    Claim(UserId, Option<UserId>),
}
