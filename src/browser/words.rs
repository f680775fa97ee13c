//! A status in words: a label, a sentence, and a tone.
//!
//! ```
//! use hookswitch::browser::locale::Locale;
//! use hookswitch::browser::words::describe;
//! use hookswitch::core::Status;
//! use hookswitch::core::status_snapshot::StatusKind;
//!
//! assert_eq!(describe(StatusKind::Token(Status::Expired), Locale::En).label, "Expired");
//! ```

use super::locale::Locale;
use super::phrases;
use crate::core::status_snapshot::StatusKind;
use crate::core::string_enum::string_enum;
use crate::core::{ConnectionStatus, Status};

string_enum! {
    /// The meaning of a status to its reader. A colour may follow it, and never stands alone.
    pub enum Tone {
        /// The subject works.
        Good = "good",
        /// It waits for somebody.
        Waiting = "waiting",
        /// It does not work now and may work again.
        Paused = "paused",
        /// It never works again.
        Ended = "ended",
    }
}

impl Tone {
    /// The tone of a status.
    #[must_use]
    pub const fn of(status: StatusKind) -> Self {
        match status {
            StatusKind::Token(Status::Valid) | StatusKind::Connection(ConnectionStatus::Active) => Self::Good,
            StatusKind::Connection(ConnectionStatus::Initiated) => Self::Waiting,
            StatusKind::Token(Status::Inactive) | StatusKind::Connection(ConnectionStatus::Inactive) => Self::Paused,
            StatusKind::Token(_) | StatusKind::Connection(_) => Self::Ended,
        }
    }
}

/// A status in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Words {
    /// One to five words, as on a badge.
    pub label: &'static str,
    /// One sentence.
    pub sentence: &'static str,
    /// The tone, which a colour may follow.
    pub tone: Tone,
    /// The language of label and sentence.
    pub locale: Locale,
}

/// The words for a status in a language.
#[must_use]
pub const fn describe(status: StatusKind, locale: Locale) -> Words {
    let (label, sentence) = match locale {
        Locale::En => phrases::english(status),
        Locale::Fr => phrases::french(status),
        Locale::De => phrases::german(status),
        Locale::Es => phrases::spanish(status),
    };
    Words { label, sentence, tone: Tone::of(status), locale }
}
