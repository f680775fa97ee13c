//! The view that a WebSocket subscriber gets, whatever the subject of its ticket is.
//!
//! ```
//! use hookswitch::core::Timestamp;
//! use hookswitch::core::connections_view::ConnectionsView;
//! use hookswitch::core::shown::Shown;
//!
//! let view = ConnectionsView { connections: Vec::new(), has_more: false, as_of: Timestamp::from_millis(1) };
//! assert_eq!(Shown::Connections(view.clone()).tag(), view.tag());
//! ```

use super::connections_view::{ConnectionsMessage, ConnectionsView};
use super::status_message::StatusMessage;
use super::ticket::{Subscription, TicketSubject};
use super::ticket_view::TicketView;

/// The view of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The status of a token or connection.
    Status(TicketView),
    /// The connections of a user.
    Connections(ConnectionsView),
}

impl Shown {
    /// A text that differs if the view differs in anything but its time.
    #[must_use]
    pub fn tag(&self) -> String {
        match self {
            Self::Status(view) => view.tag(),
            Self::Connections(view) => view.tag(),
        }
    }

    /// The message for a subscriber.
    ///
    /// # Errors
    /// None for the types of this crate: all of them serialize.
    pub fn message(self, subscription: &Subscription) -> Result<String, serde_json::Error> {
        match (self, &subscription.subject) {
            (Self::Connections(view), TicketSubject::User(user)) => {
                serde_json::to_string(&ConnectionsMessage::of(view, user, subscription.valid_until))
            }
            (Self::Status(view), _) => serde_json::to_string(&StatusMessage::of(view, subscription.valid_until)),
            (Self::Connections(_), _) => Ok(String::new()),
        }
    }
}
