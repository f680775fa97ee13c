//! The list of connected accounts.
//!
//! A filter may name several values, joined by commas or each with the parameter's name. The newest account comes first,
//! whatever order is asked for; and since all accounts are their users' own, there is none that is shared.

use crate::core::json::{Object, Value};
use crate::core::{AppId, ConnectionStatus, Outcome, Slug, UserId};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::{Accounts, Ask, Beside, Call, Done, Failure, Fields, Reply};

use super::account;

/// How many accounts there are on a page where nothing is said.
const LIMIT: u32 = 20;
/// The most accounts on a page.
const LIMIT_MAX: u32 = 100;
/// The most that a client may ask for; it gets what there may be.
const LIMIT_ASKED_MAX: u32 = 1000;
/// The most values of one filter.
const VALUES_MAX: usize = 100;

pub(super) fn parse(call: &Call, query: &mut Fields) -> Option<Ask> {
    let statuses = many(query, "statuses", statuses).concat();
    // One that is being revoked is shown as either.
    let is_revoked = statuses.contains(&ConnectionStatus::Revoked);
    let is_inactive = statuses.contains(&ConnectionStatus::Inactive);
    let accounts = Accounts {
        ids: items(query, "connected_account_ids").iter().map(|text| call.link(text)).collect(),
        user_ids: many(query, "user_ids", UserId::parse),
        app_ids: many(query, "auth_config_ids", AppId::parse),
        providers: many(query, "toolkit_slugs", |text| Slug::parse(&text.to_ascii_lowercase())),
        dead_in_part: is_revoked.then_some(true).xor(is_inactive.then_some(false)),
        statuses,
        cursor: one(query, "cursor"),
        limit: limit(query),
    };
    choice(query, "order_by", &["created_at", "updated_at"]);
    choice(query, "order_direction", &["asc", "desc"]);
    if choice(query, "account_type", &["PRIVATE", "SHARED", "ALL"]) == Some("SHARED") {
        return Some(Ask::Answered(page(&[], None)));
    }
    Some(Ask::Accounts(accounts))
}

pub(super) fn render(done: &Done) -> Result<Reply, Failure> {
    match (&done.outcome, &done.beside) {
        (Outcome::Connections(verdicts, _), Beside::Cursor(next)) => {
            let items: Vec<_> = verdicts.iter().map(|verdict| account::body(verdict, &done.apps).into()).collect();
            Ok(page(&items, next.as_deref()))
        }
        _ => Err(UNEXPECTED),
    }
}

/// A page. How many there are in all, nobody has counted: it says what is known here, this page and whether another
/// follows.
fn page(items: &[Value], next: Option<&str>) -> Reply {
    let body = Object::new()
        .with("items", items.to_vec())
        .with("next_cursor", next)
        .with("total_pages", if next.is_some() { 2 } else { 1 })
        .with("current_page", 1)
        .with("total_items", u64::try_from(items.len()).unwrap_or(u64::MAX));
    Reply::json(200, &body)
}

/// The statuses that one of Composio's stands for.
fn statuses(word: &str) -> Result<&'static [ConnectionStatus], &'static str> {
    Ok(match word {
        "INITIALIZING" | "INITIATED" => &[ConnectionStatus::Initiated],
        "ACTIVE" => &[ConnectionStatus::Active],
        "FAILED" => &[ConnectionStatus::Failed],
        "EXPIRED" => &[ConnectionStatus::Expired],
        "INACTIVE" => &[ConnectionStatus::Inactive, ConnectionStatus::Revoking],
        "REVOKED" => &[ConnectionStatus::Revoked, ConnectionStatus::Revoking],
        _ => return Err("must be INITIALIZING, INITIATED, ACTIVE, FAILED, EXPIRED, INACTIVE or REVOKED"),
    })
}

fn limit(query: &mut Fields) -> u32 {
    let Some(text) = one(query, "limit") else {
        return LIMIT;
    };
    let number = text.parse().ok().filter(|number| (1..=LIMIT_ASKED_MAX).contains(number));
    number.map_or_else(
        || {
            query.fail("limit", &format!("must be a whole number from 1 to {LIMIT_ASKED_MAX}"));
            LIMIT
        },
        |number| number.min(LIMIT_MAX),
    )
}

/// The values of a filter, as they came; none, where it is not there.
fn items(query: &mut Fields, name: &str) -> Vec<String> {
    let mut items = Vec::new();
    for values in query.strings(name, 1, usize::MAX).unwrap_or_default() {
        items.extend(values.split(',').filter(|item| !item.is_empty()).map(str::to_owned));
    }
    if items.len() > VALUES_MAX {
        query.fail(name, &format!("must be at most {VALUES_MAX} values"));
    }
    items
}

/// The values of a filter, each checked.
fn many<T>(query: &mut Fields, name: &str, parse: fn(&str) -> Result<T, &'static str>) -> Vec<T> {
    let items = items(query, name);
    query.each(name, &items, parse)
}

/// The one value of a parameter.
pub(super) fn one(query: &mut Fields, name: &str) -> Option<String> {
    let mut values = query.strings(name, 1, usize::MAX)?;
    if values.len() > 1 {
        query.fail(name, "must be given once");
    }
    values.pop()
}

/// The one value of a parameter that is one of these.
fn choice(query: &mut Fields, name: &str, choices: &[&'static str]) -> Option<&'static str> {
    let value = one(query, name)?;
    let chosen = choices.iter().copied().find(|choice| *choice == value);
    if chosen.is_none() {
        query.fail(name, &format!("must be one of {}", choices.join(", ")));
    }
    chosen
}
