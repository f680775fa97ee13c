//! What the link page says, in the languages that it speaks.

/// A language that the page speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    /// As `lang` has it (BCP 47).
    pub tag: &'static str,
    /// A text on each line, in the order of [`Words`].
    pub texts: &'static str,
}

/// Every language that the page speaks. The first one is for who reads none of them.
pub static LANGUAGES: [Language; 4] = [
    Language { tag: "en", texts: include_str!("../../../www/connect/en.txt") },
    Language { tag: "fr", texts: include_str!("../../../www/connect/fr.txt") },
    Language { tag: "de", texts: include_str!("../../../www/connect/de.txt") },
    Language { tag: "es", texts: include_str!("../../../www/connect/es.txt") },
];

/// The texts of the page. What differs from page to page stands for itself in braces: `{app}`, `{time}`, `{place}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// Shall the app be connected?
    ConnectTitle,
    /// What the app asks for, in a sentence.
    AppAsks,
    /// What stands before the list of scopes.
    Scopes,
    /// Yes, to an app.
    Connect,
    /// Shall the user go on?
    ContinueTitle,
    /// What the link does.
    LetsIn,
    /// Yes, where there is no app.
    Continue,
    /// No.
    Decline,
    /// Until when the link works.
    Until,
    /// Where the user goes on to.
    GoesOn,
    /// The app is connected.
    Connected,
    /// The user is in.
    Done,
    /// The user said no.
    Declined,
    /// What that means.
    NothingConnected,
    /// There is nothing more to do.
    Close,
    /// The token is consumed.
    Consumed,
    /// What that means.
    OnlyOnce,
    /// The token is expired.
    Expired,
    /// The token is revoked.
    Revoked,
    /// What to do about that.
    AskForNew,
    /// The connection is off.
    Inactive,
    /// What that means.
    ComesBack,
    /// There is no token in the link.
    Incomplete,
    /// There is no such token.
    Unknown,
    /// What to do about that.
    OpenAsSent,
    /// The app does not have the redirect URI any more.
    AppChanged,
    /// What that means.
    NoWayBack,
    /// The answer came from another site.
    Elsewhere,
    /// What that means.
    InYourPlace,
    /// It failed.
    Failed,
    /// What to do about that.
    TryAgain,
}

impl Language {
    /// The first language of an `Accept-Language` that the page speaks. Browsers put the best one first.
    #[must_use]
    pub fn of(accepted: &str) -> Self {
        for wanted in accepted.split(',') {
            for language in LANGUAGES {
                let rest = wanted.trim_start().strip_prefix(language.tag);
                if rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic())) {
                    return language;
                }
            }
        }
        let [english, ..] = LANGUAGES;
        english
    }

    /// A text, in HTML.
    #[must_use]
    pub fn say(self, words: Words) -> &'static str {
        self.texts.split('\n').nth(words as usize).unwrap_or_default()
    }
}
