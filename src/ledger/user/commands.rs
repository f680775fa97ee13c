//! The list of commands of a user's ledger.

use super::UserLedger;
use crate::core::command::Message;
use crate::core::decide::connections::{
    CreateConnection, DeleteConnection, GetConnection, IssueTokens, ListConnectedApps, RevokeActiveConnection,
    RevokeConnectedApp, RevokeConnection, SetConnectionEnabled, StoreCredentials,
};
use crate::core::decide::grants::{
    ExchangeCode, IntrospectToken, RefreshTokens, RevokeConnectionOfToken, RevokeGrantToken,
};
use crate::core::decide::keys::AuthenticateKey;
use crate::core::decide::link::{ApproveLink, DeclineLink};
use crate::core::decide::reservations::ReserveUserId;
use crate::core::decide::revocations::{ManageRevocation, RecordAttempts};
use crate::core::decide::statuses::{AuthorizeTicket, ShowStatus};
use crate::core::decide::tokens::{CheckTokens, ConsumeToken, MintToken, RevokeToken};
use crate::core::decide::users::{GetUser, ListConnections, ListEvents, ListTokens, PutUser, RevokeUser};
use crate::ledger::message::dispatch;
use crate::ledger::{Answer, LedgerContext, Sql, StorageError};

/// Runs the command that a message names. To add a command, add its type to the list.
pub(super) fn run(
    ledger: &UserLedger,
    sql: &dyn Sql,
    message: &Message<'_>,
    cx: &LedgerContext<'_>,
) -> Result<Answer, StorageError> {
    dispatch!(message, ledger(sql, cx); [
        // Tokens
        CheckTokens,
        ConsumeToken,
        MintToken,
        RevokeToken,
        AuthenticateKey,
        // Grants
        IntrospectToken,
        RefreshTokens,
        ExchangeCode,
        IssueTokens,
        RevokeGrantToken,
        RevokeConnectionOfToken,
        // Links and statuses
        ApproveLink,
        DeclineLink,
        ShowStatus,
        AuthorizeTicket,
        // Users
        GetUser,
        PutUser,
        ReserveUserId,
        RevokeUser,
        ListTokens,
        ListConnections,
        ListEvents,
        // Connections
        GetConnection,
        CreateConnection,
        SetConnectionEnabled,
        RevokeConnection,
        RevokeActiveConnection,
        DeleteConnection,
        StoreCredentials,
        ListConnectedApps,
        RevokeConnectedApp,
        // Revocations at providers
        RecordAttempts,
        ManageRevocation,
    ])
}
