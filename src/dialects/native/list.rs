//! Pages of lists.

use serde::{Deserialize, Serialize};

use crate::core::params::{Cursor, Page, PageRequest};
use crate::dialects::field::Field;
use crate::dialects::field_types::Digits;
use crate::dialects::schema::Described;
use crate::dialects::validator::{Validate, Validator};

/// The `limit` of a list: 1 to 100.
pub(super) type Limit = Digits<1, 100>;

/// The number of items of a page if the request has no `limit`.
const LIMIT: u32 = 50;

/// The page that the parameters `limit` and `cursor` ask for.
pub(super) fn page_request(check: &mut Validator<'_>, limit: Field<Limit>, cursor: Field<Cursor>) -> PageRequest {
    let limit = check.optional("limit", limit).map_or(LIMIT, |Digits(limit)| limit);
    PageRequest { after: check.optional("cursor", cursor), limit }
}

/// The page of a list without filters.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    /// The highest number of items. The default is 50.
    #[serde(default)]
    limit: Field<Limit>,
    /// The `next_cursor` of an earlier page.
    #[serde(default)]
    cursor: Field<Cursor>,
}

impl Validate for PageQuery {
    type Valid = PageRequest;

    fn validate(self, check: &mut Validator<'_>) -> Option<PageRequest> {
        Some(page_request(check, self.limit, self.cursor))
    }
}

/// A page of a list.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "{T}List"))]
pub(super) struct ListResponse<T: Described> {
    /// The items, newest first.
    items: Vec<T>,
    /// The `cursor` of the next page; null on the last page.
    next_cursor: Option<String>,
}

impl<T: Described> ListResponse<T> {
    /// The page with each of its items written by `response`.
    pub(super) fn of<U>(page: Page<U>, response: impl Fn(U) -> T) -> Self {
        Self {
            items: page.items.into_iter().map(response).collect(),
            next_cursor: page.next.map(|cursor| cursor.to_string()),
        }
    }

    /// A list that is always complete.
    pub(super) fn complete(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}
