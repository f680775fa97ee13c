//! Ends that nobody asked for: expiry, and connections that a cutoff revoked.
//!
//! A token or connection that expires, or that a cutoff revokes, is dead at once without a write: [`status`] and
//! [`connection_state`] compute it. The ledger's alarm records these ends afterwards, in batches.
//!
//! [`status`]: crate::core::status::status
//!
//! ```
//! use hookswitch::core::decide::sweep::record_expired_tokens;
//! use hookswitch::core::user::Profile;
//! use hookswitch::core::{Role, Snapshot, Timestamp, User};
//!
//! let now = Timestamp::from_millis(0);
//! let profile = Profile { role: Role::Member, groups: Vec::new(), external_id: None, connectable: true };
//! let user = User { user_id: "ada".parse().unwrap(), profile, created_at: now, updated_at: now };
//! assert!(record_expired_tokens(&user, &Snapshot::default(), &[], now).is_empty());
//! ```

use super::connections::{emit_connection_event, end};
use crate::core::access::Actor;
use crate::core::connection::{Connection, ConnectionStatus};
use crate::core::event::{EventType, TokenData};
use crate::core::snapshot::{ChangeSet, EventSubject, Mutation, Snapshot};
use crate::core::status::{DeadStatus, connection_state};
use crate::core::time::Timestamp;
use crate::core::token::Token;
use crate::core::user::User;

/// Records the expiry of connection tokens. A token that ended with its connection or user gets no event of its own.
///
/// `snapshot` contains the connections of the tokens and the cutoffs. Live tokens, tokens whose end or expiry is recorded, and
/// tokens of kinds whose expiry emits no event, are skipped.
#[must_use]
pub fn record_expired_tokens(user: &User, snapshot: &Snapshot, tokens: &[Token], now: Timestamp) -> ChangeSet {
    let mut changes = ChangeSet::default();
    let is_due = |token: &&Token| token.kind.emits_expiry() && !token.expiry_recorded && token.end.is_none();
    for token in tokens.iter().filter(is_due) {
        let state = snapshot.state(token, now);
        let Some(death) = state.death() else {
            continue;
        };
        changes.push(Mutation::RecordExpiry(token.digest.key()));
        if death.status == DeadStatus::Expired && token.expires_at == Some(death.at) {
            let subject = EventSubject::Token(token);
            let data = TokenData::of(token);
            changes.emit_event(EventType::TokenExpired, Actor::system(), &user.user_id, subject, death.at, &data);
        }
    }
    changes
}

/// Records the ends of connections that expired or that a cutoff revoked. A cutoff is one change with one event, so its
/// connections get none here; an expired connection gets its own.
///
/// `snapshot` contains the cutoffs and the credentials of the connections. Live connections, and connections whose end is
/// recorded or that wait for their provider, are skipped.
#[must_use]
pub fn record_ended_connections(
    user: &User,
    snapshot: &Snapshot,
    connections: &[Connection],
    now: Timestamp,
) -> ChangeSet {
    let mut changes = ChangeSet::default();
    for connection in connections {
        let state = connection_state(connection, &snapshot.cutoffs, now);
        let is_recorded = connection.end_recorded || connection.recorded.status == ConnectionStatus::Revoking;
        if is_recorded || !state.status.is_dead() {
            continue;
        }
        let ended = end(connection, &snapshot.credentials, state, Some(now), now, &mut changes);
        if ended.connection.recorded.status == ConnectionStatus::Expired {
            let at = ended.connection.recorded.at;
            let event_type = EventType::ConnectionExpired;
            emit_connection_event(event_type, &user.user_id, &ended.connection, &ended.credentials, at, &mut changes);
        }
    }
    changes
}
