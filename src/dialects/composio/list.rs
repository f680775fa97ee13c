//! The list of connected accounts.
//!
//! A filter may name several values, joined by commas or each with the parameter's name. The newest account comes first,
//! whatever order is asked for; and since all accounts are their users' own, there is none that is shared.

use crate::core::json::{Object, Value};
use crate::core::{AppId, ConnectionStatus, Outcome, Slug, UserId};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::{Accounts, Ask, Beside, Call, Done, Failure, Reply};

use super::account;

/// How many accounts there are on a page where nothing is said.
const LIMIT: u32 = 20;
/// The most accounts on a page.
const LIMIT_MAX: u32 = 100;
/// The most that a client may ask for; it gets what there may be.
const LIMIT_ASKED_MAX: u32 = 1000;
/// The most values of one filter.
const VALUES_MAX: usize = 100;

pub(super) fn parse(call: &Call) -> Result<Ask, Failure> {
    let statuses: Vec<_> = many(call, "statuses", statuses)?.concat();
    // One that is being revoked is shown as either.
    let is_revoked = statuses.contains(&ConnectionStatus::Revoked);
    let is_inactive = statuses.contains(&ConnectionStatus::Inactive);
    let accounts = Accounts {
        ids: many(call, "connected_account_ids", |text| Ok(call.link(text)))?,
        user_ids: many(call, "user_ids", UserId::parse)?,
        app_ids: many(call, "auth_config_ids", AppId::parse)?,
        providers: many(call, "toolkit_slugs", |text| Slug::parse(&text.to_ascii_lowercase()))?,
        dead_in_part: is_revoked.then_some(true).xor(is_inactive.then_some(false)),
        statuses,
        cursor: one(call, "cursor")?,
        limit: limit(call)?,
    };
    choice(call, "order_by", &["created_at", "updated_at"])?;
    choice(call, "order_direction", &["asc", "desc"])?;
    if choice(call, "account_type", &["PRIVATE", "SHARED", "ALL"])? == Some("SHARED") {
        return Ok(Ask::Answered(page(&[], None)));
    }
    Ok(Ask::Accounts(accounts))
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

fn limit(call: &Call) -> Result<u32, Failure> {
    let Some(text) = one(call, "limit")? else {
        return Ok(LIMIT);
    };
    let number = text.parse().ok().filter(|number| (1..=LIMIT_ASKED_MAX).contains(number));
    number
        .map(|number: u32| number.min(LIMIT_MAX))
        .ok_or_else(|| Failure::invalid("limit", &format!("must be a whole number from 1 to {LIMIT_ASKED_MAX}")))
}

/// Every value of a parameter, as it came. What is empty is not there: clients send `null` so.
fn values(call: &Call, name: &str) -> Vec<String> {
    let mut values = Vec::new();
    for (key, value) in form_urlencoded::parse(call.query.as_bytes()) {
        if key == name && !value.is_empty() {
            values.push(value.into_owned());
        }
    }
    values
}

/// The values of a filter; none, where it is not there.
fn many<T>(call: &Call, name: &str, parse: impl Fn(&str) -> Result<T, &'static str>) -> Result<Vec<T>, Failure> {
    let values = values(call, name).join(",");
    let mut list = Vec::new();
    for item in values.split(',').filter(|item| !item.is_empty()) {
        if list.len() == VALUES_MAX {
            return Err(Failure::invalid(name, &format!("must be at most {VALUES_MAX} values")));
        }
        list.push(parse(item).map_err(|problem| Failure::invalid(name, problem))?);
    }
    Ok(list)
}

/// The one value of a parameter.
pub(super) fn one(call: &Call, name: &str) -> Result<Option<String>, Failure> {
    let mut values = values(call, name);
    if values.len() > 1 { Err(Failure::invalid(name, "must be given once")) } else { Ok(values.pop()) }
}

/// The one value of a parameter that is one of these.
fn choice(call: &Call, name: &str, choices: &[&'static str]) -> Result<Option<&'static str>, Failure> {
    let Some(value) = one(call, name)? else {
        return Ok(None);
    };
    let chosen = choices.iter().copied().find(|choice| *choice == value);
    chosen.map(Some).ok_or_else(|| Failure::invalid(name, &format!("must be one of {}", choices.join(", "))))
}
