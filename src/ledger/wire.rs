//! What the edge says to a ledger, packed. Both ends are of the same build but while a deployment rolls out, so the
//! format is pinned by a test.

use crate::core::pack::{Pack, packed};
use crate::core::{Digest, Request, UserId};

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
}

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
});
