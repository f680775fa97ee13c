//! Who makes a request.

use crate::core::{Actor, AppId, Digest, Principal, Ticket};

/// Who makes a request.
pub(super) enum Caller {
    /// Nobody in particular.
    Anyone,
    /// Who was found by a key, or needs none.
    Known(Principal),
    /// Who says that it is this app, by this secret or by none. It is believed once the app's registration was looked
    /// at, and that is left until it is known that the request is not a guess: see [`super::execute::Executor::admit`].
    Client(AppId, Option<Digest>),
    /// Whoever has this status ticket.
    Ticket(Ticket),
}

impl Caller {
    /// Who, for the log and the audit trail.
    pub(super) fn actor(&self) -> Option<Actor> {
        match self {
            Self::Known(Principal::Holder) | Self::Anyone | Self::Ticket(_) => None,
            Self::Known(principal) => Some(principal.actor()),
            Self::Client(app_id, _) => Some(Actor::app(app_id)),
        }
    }

    /// Who, for the log: nobody, where anybody could say that it is them.
    pub(super) fn logged(&self) -> Option<Actor> {
        match self {
            Self::Client(_, None) => None,
            _ => self.actor(),
        }
    }

    /// Who it is counted as by the rate limit; none, where anybody could say that it is them. A client by its secret:
    /// with one that was replaced, nobody uses up what the new one may do.
    pub(super) fn counted_as(&self) -> Option<String> {
        match self {
            Self::Client(_, secret) => secret.as_ref().map(|secret| format!("app:\n{}", secret.as_str())),
            Self::Ticket(ticket) => Some(format!("ticket:\n{}", ticket.subject.id())),
            _ => self.actor().map(|actor| actor.as_str().to_owned()),
        }
    }
}
