//! Reading what a command needs: [`Reads`] in, [`Snapshot`] out.

use super::counts::ALIVE;
use super::rows::{self, CONNECTION, CREDENTIALS, CUTOFF, EVENTS, TOKEN, USER};
use super::{counts, message};
use crate::core::cutoff::RevocationCutoff;
use crate::core::decide::reservations::Reservation;
use crate::core::params::{Cursor, PageRequest, Positioned};
use crate::core::snapshot::{ConnectionSelection, Reads, Snapshot};
use crate::core::{
    AppId, Connection, ConnectionId, Credential, Digest, Timestamp, Token, TokenId, TokenKey, TokenKind, TokenRef,
    User, UserId,
};
use crate::ledger::error::StorageError;
use crate::ledger::settings::LedgerSettings;
use crate::ledger::sql::{Bind, Row, Sql};

/// The highest number of connections that are read for one user or app at once.
const CONNECTIONS_MAX: u32 = 10_000;
/// Tokens with their connections. A token whose connection was deleted after the retention is dead and not read.
const TOKENS: &str = "FROM tokens AS t LEFT JOIN connections AS c ON c.id = t.connection_id
    WHERE (t.connection_id IS NULL OR c.id IS NOT NULL) AND ";

/// A token with its position and its connection.
pub(super) struct TokenRow {
    pub(super) position: u64,
    pub(super) token: Token,
    pub(super) connection: Option<Connection>,
}

fn token_row(row: &mut Row) -> Result<TokenRow, StorageError> {
    let (position, token) = rows::token(row)?;
    Ok(TokenRow { position, token, connection: rows::joined_connection(row)? })
}

/// Reads the tokens that the rest of a statement selects.
fn tokens(sql: &dyn Sql, rest: &str, binds: &[Bind<'_>]) -> Result<Vec<TokenRow>, StorageError> {
    sql.run(&format!("SELECT {TOKEN}, {CONNECTION} {TOKENS} {rest}"), binds)?.all(token_row)
}

/// Tokens with their connections, also if the connection was deleted.
const ALL_TOKENS: &str = "FROM tokens AS t LEFT JOIN connections AS c ON c.id = t.connection_id WHERE ";

/// Reads connection tokens that expired and whose end is not recorded, the oldest expiry first. Rows that cannot be read
/// are left out; the error is the first that occurred.
pub(super) fn expired_tokens(
    sql: &dyn Sql,
    now: Timestamp,
    limit: u32,
) -> Result<(Vec<TokenRow>, Option<StorageError>), StorageError> {
    let statement = format!(
        "SELECT {TOKEN}, {CONNECTION} {ALL_TOKENS}
         t.kind = 1 AND t.end_kind IS NULL AND t.expiry_recorded = 0 AND t.expires_at <= ?
         ORDER BY t.expires_at, t.position LIMIT ?"
    );
    Ok(sql.run(&statement, &[now.into(), limit.into()])?.readable(token_row))
}

/// A batch of tokens in the order of their positions.
pub(super) struct TokenBatch {
    pub(super) tokens: Vec<TokenRow>,
    /// How many rows were read, including those that are not readable.
    pub(super) read: u32,
    pub(super) last_position: u64,
}

/// Reads tokens after a position. Rows that cannot be read are left out; the error is the first that occurred.
pub(super) fn tokens_after(
    sql: &dyn Sql,
    after: u64,
    limit: u32,
) -> Result<(TokenBatch, Option<StorageError>), StorageError> {
    let statement =
        format!("SELECT t.position, {TOKEN}, {CONNECTION} {ALL_TOKENS} t.position > ? ORDER BY t.position LIMIT ?");
    let mut batch = TokenBatch { tokens: Vec::new(), read: 0, last_position: after };
    let mut failure = None;
    let rows = sql.run(&statement, &[after.into(), limit.into()])?.all(|row| Ok((row.count()?, token_row(row))))?;
    for (position, token) in rows {
        batch.read = batch.read.saturating_add(1);
        batch.last_position = position;
        match token {
            Ok(token) => batch.tokens.push(token),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Ok((batch, failure))
}

/// Reads the connections that the rest of a statement selects.
pub(super) fn connections(sql: &dyn Sql, rest: &str, binds: &[Bind<'_>]) -> Result<Vec<Connection>, StorageError> {
    sql.run(&format!("SELECT {CONNECTION} FROM connections AS c WHERE {rest}"), binds)?.all(rows::connection)
}

/// As [`connections`]; rows that cannot be read are left out.
pub(super) fn readable_connections(
    sql: &dyn Sql,
    rest: &str,
    binds: &[Bind<'_>],
) -> Result<(Vec<Connection>, Option<StorageError>), StorageError> {
    let rows = sql.run(&format!("SELECT {CONNECTION} FROM connections AS c WHERE {rest}"), binds)?;
    Ok(rows.readable(rows::connection))
}

/// As [`readable_connections`], without the metadata, which may be most of a row.
fn slim_connections(
    sql: &dyn Sql,
    rest: &str,
    binds: &[Bind<'_>],
) -> Result<(Vec<Connection>, Option<StorageError>), StorageError> {
    let columns = CONNECTION.replace("c.metadata", "NULL");
    let rows = sql.run(&format!("SELECT {columns} FROM connections AS c WHERE {rest}"), binds)?;
    Ok(rows.readable(rows::connection))
}

/// Reads the user.
pub(super) fn user(sql: &dyn Sql) -> Result<Option<User>, StorageError> {
    sql.run(USER, &[])?.first(rows::user)
}

/// Everything of a snapshot except the user and the stored response.
pub(super) fn snapshot(
    sql: &dyn Sql,
    reads: &Reads,
    reissued: &[Digest],
    has_cutoffs: bool,
    settings: &LedgerSettings,
    now: Timestamp,
) -> Result<Snapshot, StorageError> {
    let mut snapshot = Snapshot::default();
    read_tokens(sql, &reads.tokens, &mut snapshot)?;
    read_reissued(sql, reissued, &mut snapshot)?;
    if reads.reservation {
        let found = sql.run("SELECT holder, claimed_at FROM reservation", &[])?;
        snapshot.reservation = found
            .first(|row| Ok(Reservation { holder: row.stored(UserId::stored)?, claimed_at: row.optional_time()? }))?;
    }
    if let Some(key) = &reads.principal_key {
        let found = tokens_with_keys(sql, &[key.key()])?.into_iter().map(|row| row.token);
        snapshot.principal_key = found.into_iter().find(|token| is_named(token, key));
    }
    if let Some(page) = reads.token_page {
        read_token_page(sql, page, &mut snapshot)?;
    }
    read_connections(sql, &reads.connections, now, &mut snapshot)?;
    if reads.credentials {
        let page = snapshot.connection_page.iter().map(|row| &row.value);
        let credentials = credentials_of(sql, snapshot.connections.iter().chain(page))?;
        snapshot.credentials = credentials;
    }
    if has_cutoffs {
        snapshot.cutoffs = cutoffs(sql, &snapshot)?;
    }
    if let Some(page) = reads.event_page {
        snapshot.event_page = event_page(sql, page, settings.kept_since(now))?;
    }
    if let Some(filter) = &reads.live {
        match (counts::live(sql, filter, now), counts::live_connections(sql, filter, now)) {
            (Ok(live), Ok(connections)) => (snapshot.live, snapshot.live_connections) = (live, connections),
            _ => snapshot.is_uncounted = true,
        }
    }
    if reads.family_alive {
        snapshot.family_alive = family_may_be_alive(sql, &snapshot, now)?;
    }
    Ok(snapshot)
}

fn read_tokens(sql: &dyn Sql, refs: &[TokenRef], snapshot: &mut Snapshot) -> Result<(), StorageError> {
    let keys: Vec<TokenKey> = refs.iter().map(TokenRef::key).collect();
    let mut found: Vec<(TokenKey, Token)> = Vec::new();
    for row in tokens_with_keys(sql, &keys)? {
        add_connection(snapshot, row.connection);
        found.push((row.token.digest.key(), row.token));
    }
    for (token_ref, key) in refs.iter().zip(&keys) {
        let token = found.iter().find(|(found, _)| found == key).map(|(_, token)| token);
        snapshot.tokens.push(token.filter(|token| is_named(token, token_ref)).cloned());
    }
    Ok(())
}

/// Whether the reference names this token: the key is only a part of the digest, and of the public id.
fn is_named(token: &Token, token_ref: &TokenRef) -> bool {
    match token_ref {
        TokenRef::Secret { digest, .. } => token.digest == *digest,
        TokenRef::Public { token_id, .. } => token.token_id == *token_id,
    }
}

fn tokens_with_keys(sql: &dyn Sql, keys: &[TokenKey]) -> Result<Vec<TokenRow>, StorageError> {
    match keys {
        [] => Ok(Vec::new()),
        [key] => tokens(sql, "t.key = ?", &[key.into()]),
        keys => {
            let keys = message::write("list of keys", &keys)?;
            tokens(sql, "t.key IN (SELECT value FROM json_each(?))", &[(&keys).into()])
        }
    }
}

/// Reads the tokens of an earlier answer, in the order in which they were created.
fn read_reissued(sql: &dyn Sql, digests: &[Digest], snapshot: &mut Snapshot) -> Result<(), StorageError> {
    let keys: Vec<TokenKey> = digests.iter().map(Digest::key).collect();
    let mut rows = tokens_with_keys(sql, &keys)?;
    rows.retain(|row| digests.contains(&row.token.digest));
    rows.sort_by_key(|row| digests.iter().position(|digest| row.token.digest == *digest));
    for row in rows {
        add_connection(snapshot, row.connection);
        snapshot.reissued.push(row.token);
    }
    Ok(())
}

fn read_token_page(sql: &dyn Sql, page: PageRequest, snapshot: &mut Snapshot) -> Result<(), StorageError> {
    let rest = "t.position < ? ORDER BY t.position DESC LIMIT ?";
    for TokenRow { position, token, connection } in tokens(sql, rest, &place(page))? {
        add_connection(snapshot, connection);
        snapshot.token_page.push(Positioned { position: Cursor(position), value: token });
    }
    Ok(())
}

fn add_connection(snapshot: &mut Snapshot, connection: Option<Connection>) {
    if let Some(connection) = connection
        && snapshot.connection(&connection.id).is_none()
    {
        snapshot.connections.push(connection);
    }
}

fn read_connections(
    sql: &dyn Sql,
    selection: &ConnectionSelection,
    now: Timestamp,
    snapshot: &mut Snapshot,
) -> Result<(), StorageError> {
    let found = match selection {
        ConnectionSelection::None => return Ok(()),
        ConnectionSelection::ById(id) => connections(sql, "c.id = ?", &[id.into()])?,
        ConnectionSelection::ByCredential(seq) => {
            let rest = "c.id = (SELECT connection_id FROM credentials WHERE seq = ?)";
            connections(sql, rest, &[(*seq).into()])?
        }
        ConnectionSelection::NewestOf(app_id) => newest_of(sql, app_id, now)?,
        ConnectionSelection::OpenOf(app_id) => {
            let rest = "c.app_id = ? AND c.end_recorded_at IS NULL AND c.status <> 'revoking'
                ORDER BY c.created_at DESC LIMIT ?";
            let (readable, failure) = slim_connections(sql, rest, &[app_id.into(), CONNECTIONS_MAX.into()])?;
            snapshot.is_uncounted = failure.is_some();
            readable
        }
        ConnectionSelection::Authorized => {
            // One connection for each app and scope: a user may have thousands to one app.
            let rest = format!(
                "c.id IN (SELECT id FROM (SELECT c.id AS id, MAX(c.created_at) FROM connections AS c
                   WHERE {ALIVE} AND c.status IN ('active', 'inactive') GROUP BY c.app_id, c.scope))
                 ORDER BY c.created_at DESC LIMIT ?2"
            );
            slim_connections(sql, &rest, &[now.into(), CONNECTIONS_MAX.into()])?.0
        }
        ConnectionSelection::Page(page) => {
            let rest = "c.created_at < ? ORDER BY c.created_at DESC LIMIT ?";
            let rows = connections(sql, rest, &place(*page))?;
            let positioned = |value: Connection| Positioned {
                position: Cursor(u64::try_from(value.created_at.micros()).unwrap_or(0)),
                value,
            };
            snapshot.connection_page = rows.into_iter().map(positioned).collect();
            return Ok(());
        }
    };
    // Compares with the connections of the tokens only: a user can have thousands.
    let of_tokens: Vec<ConnectionId> = snapshot.connections.iter().map(|connection| connection.id.clone()).collect();
    snapshot.connections.extend(found.into_iter().filter(|connection| !of_tokens.contains(&connection.id)));
    Ok(())
}

/// The newest initiated or active connection to an app. A cutoff that covers it covers all before it.
fn newest_of(sql: &dyn Sql, app_id: &AppId, now: Timestamp) -> Result<Vec<Connection>, StorageError> {
    let rest = "c.app_id = ? AND c.end_recorded_at IS NULL
        AND (c.status = 'active' OR (c.status = 'initiated' AND c.expires_at > ?))
        ORDER BY c.created_at DESC LIMIT 1";
    connections(sql, rest, &[app_id.into(), now.into()])
}

/// The credentials of connections. Only a connection with a provider has any.
pub(super) fn credentials_of<'a>(
    sql: &dyn Sql,
    connections: impl Iterator<Item = &'a Connection>,
) -> Result<Vec<Credential>, StorageError> {
    let ids: Vec<&ConnectionId> =
        connections.filter(|connection| connection.provider.is_some()).map(|connection| &connection.id).collect();
    let rows = match ids.as_slice() {
        [] => return Ok(Vec::new()),
        [id] => sql.run(&format!("{CREDENTIALS} connection_id = ? ORDER BY seq"), &[(*id).into()])?,
        ids => {
            let ids = message::write("list of ids", &ids)?;
            let rest = "connection_id IN (SELECT value FROM json_each(?)) ORDER BY seq";
            sql.run(&format!("{CREDENTIALS} {rest}"), &[(&ids).into()])?
        }
    };
    rows.all(rows::credential)
}

/// Whether the ledger has any cutoff.
pub(super) fn has_cutoffs(sql: &dyn Sql) -> Result<bool, StorageError> {
    Ok(!sql.run("SELECT 1 FROM cutoffs WHERE scope < 9 LIMIT 1", &[])?.is_empty())
}

/// The cutoffs that may match a token or connection of the snapshot, oldest first: those of the whole user, and those of the
/// apps and families in it. So the number of families and apps does not slow a check down.
pub(super) fn cutoffs(sql: &dyn Sql, snapshot: &Snapshot) -> Result<Vec<RevocationCutoff>, StorageError> {
    let tokens = snapshot.tokens.iter().flatten().chain(&snapshot.reissued);
    let tokens = tokens.chain(snapshot.token_page.iter().map(|row| &row.value));
    let connections = snapshot.connections.iter().chain(snapshot.connection_page.iter().map(|row| &row.value));
    let mut apps: Vec<&AppId> = connections.map(|connection| &connection.app_id).collect();
    let mut families: Vec<&TokenId> = Vec::new();
    for token in tokens {
        apps.extend(&token.facts.app_id);
        families.extend(&token.grant.family);
    }
    cutoffs_of(sql, apps, families)
}

/// The cutoffs of the whole user, and those of these apps and families; oldest first.
pub(super) fn cutoffs_of(
    sql: &dyn Sql,
    mut apps: Vec<&AppId>,
    mut families: Vec<&TokenId>,
) -> Result<Vec<RevocationCutoff>, StorageError> {
    apps.sort_unstable();
    apps.dedup();
    families.sort_unstable();
    families.dedup();
    let (apps, families) = (message::write("list of apps", &apps)?, message::write("list of families", &families)?);
    let statement = format!(
        "SELECT {CUTOFF} FROM cutoffs WHERE scope = 0 AND subject = ''
         UNION ALL SELECT {CUTOFF} FROM cutoffs WHERE scope = 1 AND subject IN (SELECT value FROM json_each(?1))
         UNION ALL SELECT {CUTOFF} FROM cutoffs WHERE scope = 2 AND subject IN (SELECT value FROM json_each(?2))
         ORDER BY at"
    );
    sql.run(&statement, &[(&apps).into(), (&families).into()])?.all(rows::cutoff)
}

/// A page of events. The retention keeps the newest event longer, for its number: it is not shown then.
fn event_page(
    sql: &dyn Sql,
    page: PageRequest,
    kept_since: Timestamp,
) -> Result<Vec<Positioned<crate::core::event::RecordedEvent>>, StorageError> {
    let [after, limit] = place(page);
    let statement = format!("{EVENTS} seq < ? AND recorded_at > ? ORDER BY seq DESC LIMIT ?");
    sql.run(&statement, &[after, kept_since.into(), limit])?.all(|row| {
        let (_, value) = rows::event(row)?;
        Ok(Positioned { position: Cursor(value.seq), value })
    })
}

/// The position after which a page begins, and the number of rows to read.
fn place(page: PageRequest) -> [Bind<'static>; 2] {
    [page.after.unwrap_or(Cursor::START).0.into(), page.rows().into()]
}

/// Whether a token of the first token's family may be alive. `true` costs the caller one cutoff and nothing else, so no
/// index finds the tokens of a family: the family may be alive if the first token was replaced by others, its connection is
/// alive, and no cutoff ended the family.
fn family_may_be_alive(sql: &dyn Sql, snapshot: &Snapshot, now: Timestamp) -> Result<bool, StorageError> {
    let Some(Some(token)) = snapshot.tokens.first() else {
        return Ok(false);
    };
    let Some(connection) = snapshot.connection_of(token) else {
        return Ok(false);
    };
    // Only the app itself exchanges a code; everybody else consumes a connection token for good.
    let is_exchanged = token
        .facts
        .app_id
        .as_ref()
        .is_some_and(|app_id| token.end.as_ref().is_some_and(|end| end.by == crate::core::Actor::app(app_id)));
    let has_successors = match token.kind {
        TokenKind::RefreshToken => true,
        TokenKind::ConnectionToken => is_exchanged,
        TokenKind::AccessToken | TokenKind::ApiKey => false,
    };
    if !has_successors || snapshot.connection_status(connection, now).is_dead() {
        return Ok(false);
    }
    let family = token.grant.family.as_ref().unwrap_or(&token.token_id);
    let ended = sql.run("SELECT 1 FROM cutoffs WHERE scope = 2 AND subject = ? LIMIT 1", &[family.into()])?;
    Ok(ended.is_empty())
}

/// The last time that the ledger used: of its newest event, position or credential.
pub(super) fn last_time(sql: &dyn Sql) -> Result<Option<Timestamp>, StorageError> {
    let rows = sql.run(
        "SELECT MAX(COALESCE((SELECT recorded_at FROM events ORDER BY seq DESC LIMIT 1), 0),
                    COALESCE((SELECT MAX(position) FROM tokens), 0),
                    COALESCE((SELECT MAX(seq) FROM credentials), 0))",
        &[],
    )?;
    rows.first(Row::time)
}
