//! What the edge says to a ledger, packed. Both ends are of the same build but while a deployment rolls out, so the
//! format is pinned by a test.

use crate::core::pack::{Pack, packed};
use crate::core::revocation::{Report, Revocation};
use crate::core::ticket::Subject;
use crate::core::webhook::Delivery;
use crate::core::{ConnectionId, Digest, Request, Sealed, Slug, Timestamp, TokenType, UserId};

/// What the edge says.
#[derive(Debug)]
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
    /// This user has it now. The answer is a `bool`: whether it was this one's to have.
    Confirm(UserId),
    /// Which credentials of this connection is its provider to be told of? The answer is a `Vec<Due>`.
    Due(ConnectionId),
    /// This is what its provider answered. The answer is an `Option<ConnectionVerdict>`.
    Settle(ConnectionId, Vec<Report>),
    /// Which provider is this? The answer is an `Option<Stored>`.
    Provider(Slug),
    /// Where is it told what happened? The answer is a `Vec<Endpoint>`.
    Endpoints,
    /// This was sent, and to these nothing more is to be sent, for this reason. The answer is a `bool`.
    Delivered(Vec<Delivery>, Vec<(Slug, String)>),
    /// This revocation could not be completed. The answer is a `bool`.
    List(Revocation),
    /// The revocation of this name is not to be looked at any more. The answer is a `bool`.
    Unlist(String),
    /// What does a ticket show that reads this and ends then? The answer is an `Option<Status>`.
    Show(Subject, Timestamp),
}

/// A credential that a provider is to be told of.
#[derive(Debug)]
pub(crate) struct Due {
    /// Its place in the ledger.
    pub(crate) seq: u64,
    /// How often the provider was asked before.
    pub(crate) attempts: u32,
    /// Which connection holds it.
    pub(crate) connection_id: ConnectionId,
    /// Whose it is.
    pub(crate) provider: Slug,
    /// Which one it is.
    pub(crate) token_type: TokenType,
    /// The credential.
    pub(crate) sealed: Sealed,
}

packed!(struct Due { seq, attempts, connection_id, provider, token_type, sealed });

/// What a ticket shows, as it is sent, and a tag that differs where that differs but in when it was said.
#[derive(Debug)]
pub(crate) struct Status {
    /// JSON.
    pub(crate) text: String,
    /// The tag.
    pub(crate) tag: String,
}

packed!(struct Status { text, tag });

/// Who follows what a ticket reads, until the ticket ends.
#[derive(Debug)]
pub(crate) struct Follower {
    /// What it follows.
    pub(crate) subject: Subject,
    /// When its ticket ends.
    pub(crate) until: Timestamp,
    /// The tag of what it was last told.
    pub(crate) told: String,
}

packed!(struct Follower { subject, until, told });

impl Message {
    /// [`Self::Run`], packed, of a request that stays with whoever has it.
    pub(crate) fn run(request: &Request) -> Vec<u8> {
        let mut packed = vec![RUN];
        request.pack(&mut packed);
        packed
    }
}

/// What [`Message::Run`] begins with, packed.
const RUN: u8 = 1;

packed!(enum Message {
    0 => Authenticate(a),
    RUN => Run(a),
    2 => App,
    3 => Holder,
    4 => Claim(a, b),
    5 => Confirm(a),
    6 => Due(a),
    7 => Settle(a, b),
    8 => Provider(a),
    9 => Endpoints,
    10 => Delivered(a, b),
    11 => List(a),
    12 => Unlist(a),
    13 => Show(a, b),
});
