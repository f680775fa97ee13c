//! Lists of the whole deployment, from the directory. Root and admins read them.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::core::params::PageRequest;
//! use hookswitch::directory::list::UserFilter;
//! use hookswitch::operations::directory;
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! let page = PageRequest { after: None, limit: 10 };
//! let users = deployment.run(directory::list_users(&deployment.root(), &UserFilter::default(), page));
//! assert!(users.unwrap().unwrap().items.is_empty());
//! # }
//! ```

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::context::Context;
use super::error::ApiError;
use crate::core::params::{Page, PageRequest};
use crate::directory::DirectoryError;
use crate::directory::entry::{AppEntry, ConnectionEntry, EventEntry, UserEntry};
use crate::directory::list::{self, AppFilter, ConnectionFilter, EventFilter, UserFilter};

/// How long the directory has to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Lists users.
///
/// # Errors
/// [`ApiError::AdminRequired`], or [`ApiError::DirectoryUnavailable`].
pub async fn list_users(cx: &Context<'_>, filter: &UserFilter, page: PageRequest) -> Result<Page<UserEntry>, ApiError> {
    require_admin(cx)?;
    answer(cx, list::users(cx.platform.directory(), filter, page)).await
}

/// Lists the apps of the deployment.
///
/// # Errors
/// [`ApiError::AdminRequired`], or [`ApiError::DirectoryUnavailable`].
pub async fn list_apps(cx: &Context<'_>, filter: &AppFilter, page: PageRequest) -> Result<Page<AppEntry>, ApiError> {
    require_admin(cx)?;
    answer(cx, list::apps(cx.platform.directory(), filter, page)).await
}

/// Lists connections.
///
/// # Errors
/// [`ApiError::AdminRequired`], or [`ApiError::DirectoryUnavailable`].
pub async fn list_connections(
    cx: &Context<'_>,
    filter: &ConnectionFilter,
    page: PageRequest,
) -> Result<Page<ConnectionEntry>, ApiError> {
    require_admin(cx)?;
    answer(cx, list::connections(cx.platform.directory(), filter, page, cx.now)).await
}

/// Lists events.
///
/// # Errors
/// [`ApiError::AdminRequired`], or [`ApiError::DirectoryUnavailable`].
pub async fn list_events(
    cx: &Context<'_>,
    filter: &EventFilter,
    page: PageRequest,
) -> Result<Page<EventEntry>, ApiError> {
    require_admin(cx)?;
    answer(cx, list::events(cx.platform.directory(), filter, page)).await
}

/// Rejects callers that may not read lists of the whole deployment.
fn require_admin(cx: &Context<'_>) -> Result<(), ApiError> {
    if cx.principal()?.writes_everyone() { Ok(()) } else { Err(ApiError::AdminRequired) }
}

/// The answer of the directory, for which a request waits a bounded time.
pub(super) async fn answer<T>(
    cx: &Context<'_>,
    question: impl Future<Output = Result<T, DirectoryError>>,
) -> Result<T, ApiError> {
    match select(pin!(question), cx.platform.sleep(TIMEOUT)).await {
        Either::Left((Ok(answer), _)) => Ok(answer),
        Either::Left((Err(_), _)) | Either::Right(_) => Err(ApiError::DirectoryUnavailable),
    }
}
