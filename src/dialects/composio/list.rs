//! The list of connected accounts.
//!
//! A filter may have several values, joined by commas or each with the parameter's name, also as `name[]` and `name[0]`. A
//! filter in another spelling is rejected. The newest account comes first, whatever order is asked for. Every account is
//! private, so the list of shared accounts is empty.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::account::ComposioAccount;
use super::status::AccountStatus;
use super::{SECURITY, TAG, connection};
use crate::core::string_enum::string_enum;
use crate::core::{AppId, Rule, Slug, UserId};
use crate::dialects::extract::{Extract, RepeatedQuery};
use crate::dialects::field::{Field, FieldValue, Sent};
use crate::dialects::field_types::Digits;
use crate::dialects::json::shown;
use crate::dialects::operation::Operation;
use crate::dialects::parameters;
use crate::dialects::request::HttpRequest;
use crate::dialects::respond::Body;
use crate::dialects::route::Input;
use crate::dialects::validator::{Validate, Validator};
use crate::operations::connection_search::{RevokingFilter, Search, search};
use crate::operations::{ApiError, Context};

/// How many accounts a page has by default.
const LIMIT: u32 = 20;
/// The highest number of accounts on a page.
const LIMIT_MAX: u32 = 100;
/// The highest number that a client may ask for. It gets [`LIMIT_MAX`] at most.
const LIMIT_ASKED_MAX: u32 = 1_000;
/// The highest number of values of one filter.
const VALUES_MAX: usize = 100;

/// The filters of a list. Parameters that are no filters are ignored.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ComposioListParameters {
    /// Only these accounts.
    #[serde(default)]
    connected_account_ids: Field<Values<String>>,
    /// Only accounts of these users.
    #[serde(default)]
    user_ids: Field<Values<UserId>>,
    /// Only accounts of these apps.
    #[serde(default)]
    auth_config_ids: Field<Values<AppId>>,
    /// Only accounts of these providers.
    #[serde(default)]
    toolkit_slugs: Field<Values<ToolkitSlug>>,
    /// Only accounts in these statuses.
    #[serde(default)]
    statuses: Field<Values<AccountStatus>>,
    /// The `next_cursor` of an earlier page.
    #[serde(default)]
    cursor: Field<Once<String>>,
    /// The highest number of accounts on the page. A page has at most 100.
    #[serde(default)]
    limit: Field<Once<Digits<1, LIMIT_ASKED_MAX>>>,
    /// Ignored: the newest account comes first.
    #[serde(default)]
    order_by: Field<Once<OrderBy>>,
    /// Ignored: the newest account comes first.
    #[serde(default)]
    order_direction: Field<Once<OrderDirection>>,
    /// Every account is private, so `SHARED` selects none.
    #[serde(default)]
    account_type: Field<Once<AccountType>>,
}

/// The filters after validation.
pub(super) struct ComposioFilters {
    ids: Vec<String>,
    /// The filters but the ids, which the handler opens.
    search: Search,
    /// Whether no account can match.
    is_empty: bool,
}

impl Validate for ComposioListParameters {
    type Valid = ComposioFilters;

    fn validate(self, check: &mut Validator<'_>) -> Option<ComposioFilters> {
        fn values<T>(check: &mut Validator<'_>, name: &str, field: Field<Values<T>>) -> Vec<T> {
            check.optional(name, field).map_or_else(Vec::new, |Values(values)| values)
        }
        let ids = values(check, "connected_account_ids", self.connected_account_ids);
        let user_ids = values(check, "user_ids", self.user_ids);
        let app_ids = values(check, "auth_config_ids", self.auth_config_ids);
        let toolkits = values(check, "toolkit_slugs", self.toolkit_slugs);
        let accounts = values(check, "statuses", self.statuses);
        let cursor = check.optional("cursor", self.cursor).map(|Once(cursor)| cursor);
        let limit = check.optional("limit", self.limit).map_or(LIMIT, |Once(Digits(limit))| limit.min(LIMIT_MAX));
        check.optional("order_by", self.order_by);
        check.optional("order_direction", self.order_direction);
        let account_type = check.optional("account_type", self.account_type);
        let statuses: Vec<_> = accounts.iter().flat_map(|status| status.connections()).copied().collect();
        let search = Search {
            ids: Vec::new(),
            user_ids,
            app_ids,
            providers: toolkits.into_iter().map(|ToolkitSlug(slug)| slug).collect(),
            revoking: revoking(&accounts),
            cursor,
            limit,
            statuses,
        };
        let matches_nothing = !accounts.is_empty() && search.statuses.is_empty();
        let is_empty = account_type == Some(Once(AccountType::Shared)) || matches_nothing;
        Some(ComposioFilters { ids, search, is_empty })
    }
}

/// Which connections in the status `revoking` match: they are shown as `REVOKED` or as `INACTIVE`.
fn revoking(statuses: &[AccountStatus]) -> Option<RevokingFilter> {
    match (statuses.contains(&AccountStatus::Revoked), statuses.contains(&AccountStatus::Inactive)) {
        (true, false) => Some(RevokingFilter::SomeDead),
        (false, true) => Some(RevokingFilter::NoneDead),
        _ => None,
    }
}

/// A page of accounts. Nobody has counted all of them, so the numbers are about this page and whether another follows.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct ComposioAccountList {
    /// The accounts.
    items: Vec<ComposioAccount>,
    /// The `cursor` of the next page; null on the last page.
    next_cursor: Option<String>,
    /// 2 if another page follows, else 1.
    total_pages: u32,
    /// The number of the page: always 1.
    current_page: u32,
    /// The number of accounts on this page.
    total_items: usize,
    /// The ids of accounts and users that cannot be read now. They are left out; absent if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
}

impl ComposioAccountList {
    fn new(items: Vec<ComposioAccount>, next_cursor: Option<String>, missing: Vec<String>) -> Self {
        let total_pages = if next_cursor.is_some() { 2 } else { 1 };
        Self { total_items: items.len(), items, next_cursor, total_pages, current_page: 1, missing }
    }
}

/// The names of the parameters.
const NAMES: [&str; 10] = [
    "connected_account_ids",
    "user_ids",
    "auth_config_ids",
    "toolkit_slugs",
    "statuses",
    "cursor",
    "limit",
    "order_by",
    "order_direction",
    "account_type",
];

/// The beginnings of names that mean a filter or a page, in lower case and without other characters than letters.
const FILTERS: [&str; 12] = [
    "account",
    "authconfig",
    "connectedaccount",
    "cursor",
    "label",
    "limit",
    "nextcursor",
    "order",
    "page",
    "status",
    "toolkit",
    "user",
];

/// The proof that the query has no filter in another spelling: without the filter, the list would have accounts that the
/// client did not ask for.
pub(super) struct NoUnknownFilter;

impl Extract for NoUnknownFilter {
    const INPUT: Input = Input::NOTHING;

    fn extract(request: &HttpRequest<'_>, check: &mut Validator<'_>) -> Result<Option<Self>, ApiError> {
        for (name, _) in parameters::split(request.query.as_bytes()) {
            let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
            let letters = letters.to_ascii_lowercase();
            let is_filter = FILTERS.iter().any(|filter| letters.starts_with(filter));
            if is_filter && !NAMES.contains(&parameters::without_index(&name)) {
                check.fail(
                    shown(&name).unwrap_or("query"),
                    "is no parameter of this call; the filters are in the plural",
                );
            }
        }
        Ok(Some(Self))
    }

    #[cfg(feature = "openapi")]
    fn describe(_: &mut crate::dialects::describe::Spec<'_>) {}
}

pub(super) async fn list(
    cx: &Context<'_>,
    _: NoUnknownFilter,
    RepeatedQuery(filters): RepeatedQuery<ComposioListParameters>,
) -> Result<Body<ComposioAccountList>, ApiError> {
    if filters.is_empty {
        return Ok(Body(ComposioAccountList::new(Vec::new(), None, Vec::new())));
    }
    let ids = filters.ids.iter().map(|id| connection(cx, id)).collect();
    let found = search(cx, &Search { ids, ..filters.search }).await?;
    let items = found.connections.iter().map(|verdict| {
        let app = found.apps.iter().find(|app| app.app_id == verdict.connection.app_id);
        ComposioAccount::of(verdict, app)
    });
    Ok(Body(ComposioAccountList::new(items.collect(), found.next, found.missing)))
}

/// The values of a filter: joined by commas, or each with the parameter's name.
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(inline))]
pub(super) struct Values<T>(Vec<T>);

impl<T: FieldValue> FieldValue for Values<T> {
    fn check(sent: Sent<'_>) -> Result<Self, Rule> {
        let mut values = Vec::new();
        for text in texts(&sent) {
            for value in text.split(',').filter(|value| !value.is_empty()) {
                values.push(T::check(Sent::Text(value.into()))?);
            }
        }
        if values.len() > VALUES_MAX {
            return Err(Rule::new(format!("must have at most {VALUES_MAX} values")));
        }
        Ok(Self(values))
    }
}

/// The single value of a parameter.
#[derive(PartialEq)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(inline))]
pub(super) struct Once<T>(pub(super) T);

impl<T: FieldValue> FieldValue for Once<T> {
    fn check(sent: Sent<'_>) -> Result<Self, Rule> {
        match texts(&sent).as_slice() {
            [text] => T::check(Sent::Text((*text).into())).map(Self),
            _ => Err(Rule::new("must be given once")),
        }
    }
}

/// The values of a parameter that may come more than once.
fn texts<'s>(sent: &'s Sent<'_>) -> Vec<&'s str> {
    let items = if let Sent::List(items) = sent { items.as_slice() } else { std::slice::from_ref(sent) };
    let texts = items.iter().map(|item| if let Sent::Text(text) = item { text } else { "" });
    texts.collect()
}

/// The name of a provider, in upper or lower case.
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(inline))]
struct ToolkitSlug(Slug);

impl FromStr for ToolkitSlug {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        text.to_ascii_lowercase().parse().map(Self)
    }
}

string_enum! {
    /// A boolean in a query.
    pub enum TrueOrFalse {
        /// The text for yes.
        True = "true",
        /// The text for no.
        False = "false",
    }
}

string_enum! {
    /// The member that a client wants the list to be sorted by.
    pub enum OrderBy {
        /// When the account was created.
        CreatedAt = "created_at",
        /// When the account last changed.
        UpdatedAt = "updated_at",
    }
}

string_enum! {
    /// The direction in which a client wants the list to be sorted.
    pub enum OrderDirection {
        /// The smallest value first.
        Ascending = "asc",
        /// The largest value first.
        Descending = "desc",
    }
}

string_enum! {
    /// Whether an account is shared.
    pub enum AccountType {
        /// The account belongs to one user.
        Private = "PRIVATE",
        /// The account belongs to several users.
        Shared = "SHARED",
        /// All accounts.
        All = "ALL",
    }
}

pub(super) const LIST: Operation = Operation {
    id: "composioListAccounts",
    summary: "List connected accounts",
    description: "Lists the accounts of every user, newest first, or those that the filters select. An account of the \
        last minute may be missing unless the request names it or its user.",
    tag: TAG,
    security: SECURITY,
    problems: &[],
};
