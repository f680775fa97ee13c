//! The languages that a status can be said in.

use crate::core::words::words;

words! {
    /// A language, by its BCP 47 tag.
    pub enum Locale {
        /// English.
        En = "en",
        /// French.
        Fr = "fr",
        /// German.
        De = "de",
        /// Spanish.
        Es = "es",
    }
}

impl Locale {
    /// The best fitting for a BCP 47 tag: by its language, whatever script or region follows; English where none fits.
    ///
    /// ```
    /// use hookswitch::browser::locale::Locale;
    /// assert_eq!(Locale::fitting("de-CH"), Locale::De);
    /// assert_eq!(Locale::fitting("pt"), Locale::En);
    /// ```
    #[must_use]
    pub fn fitting(tag: &str) -> Self {
        // POSIX writes `fr_CA`, and many a server hands that on.
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        let fits = |locale: &&Self| locale.as_str().eq_ignore_ascii_case(language);
        Self::ALL.iter().find(fits).copied().unwrap_or(Self::En)
    }
}
