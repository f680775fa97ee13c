//! The languages of the phrases.

use crate::core::string_enum::string_enum;

string_enum! {
    /// A language, as a BCP 47 tag.
    pub enum Locale {
        /// English, the language if no other fits.
        En = "en",
        /// French phrases.
        Fr = "fr",
        /// German phrases.
        De = "de",
        /// Spanish phrases.
        Es = "es",
    }
}

impl Locale {
    /// The language of a BCP 47 tag, whatever its script and region; English if there are no phrases in that language.
    ///
    /// ```
    /// use hookswitch::browser::locale::Locale;
    /// assert_eq!(Locale::fitting("de-CH"), Locale::De);
    /// assert_eq!(Locale::fitting("pt"), Locale::En);
    /// ```
    #[must_use]
    pub fn fitting(tag: &str) -> Self {
        // POSIX separates with `_` (`fr_CA`), and many servers pass such names on.
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        let fits = |locale: &&Self| locale.as_str().eq_ignore_ascii_case(language);
        Self::ALL.iter().find(fits).copied().unwrap_or(Self::En)
    }
}
