//! A status in words: a label, a sentence, and a tone for whoever draws it.

use super::locale::Locale;
use super::phrases;
use crate::core::connection::ConnectionStatus;
use crate::core::reading::Read;
use crate::core::status::Status;
use crate::core::words::words;

words! {
    /// How a status feels to who reads it. A colour may follow it, and never stands alone.
    pub enum Tone {
        /// Works.
        Good = "good",
        /// Somebody has to do something first.
        Waiting = "waiting",
        /// Does not work, and may again.
        Paused = "paused",
        /// Does not work, and never will again.
        Ended = "ended",
    }
}

impl Tone {
    /// The tone of a status.
    #[must_use]
    pub const fn of(read: Read) -> Self {
        match read {
            Read::Token(Status::Valid) | Read::Connection(ConnectionStatus::Active) => Self::Good,
            Read::Connection(ConnectionStatus::Initiated) => Self::Waiting,
            Read::Token(Status::Inactive) | Read::Connection(ConnectionStatus::Inactive) => Self::Paused,
            Read::Token(_) | Read::Connection(_) => Self::Ended,
        }
    }
}

/// A status in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// A word or a few, as on a badge.
    pub label: &'static str,
    /// One sentence.
    pub sentence: &'static str,
    /// How it feels.
    pub tone: Tone,
    /// The language of both.
    pub locale: Locale,
}

/// A status in the words of a language.
#[must_use]
pub const fn describe(read: Read, locale: Locale) -> Words {
    let (label, sentence) = match locale {
        Locale::En => phrases::english(read),
        Locale::Fr => phrases::french(read),
        Locale::De => phrases::german(read),
        Locale::Es => phrases::spanish(read),
    };
    Words { label, sentence, tone: Tone::of(read), locale }
}
