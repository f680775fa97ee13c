//! The clock of the platform.

use crate::core::Timestamp;

/// The time of the platform. It stands still between two events, such as the start of a request and the end of a call.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(now_millis())
}

/// The same in milliseconds since the epoch.
#[allow(clippy::cast_possible_truncation)] // `Date.now()` is a whole number below 2^53.
pub(crate) fn now_millis() -> i64 {
    js_sys::Date::now() as i64
}
