//! The language of a page.

/// The languages of the pages (BCP 47). The first one is for readers who understand none of them.
pub const LANGUAGES: [&str; 4] = ["en", "fr", "de", "es"];

/// The first language of an `Accept-Language` header in which there are pages. Browsers send the best one first.
///
/// ```
/// use hookswitch::dialects::link_page::language::choose;
/// assert_eq!(choose("nl,fr-CH;q=0.9,de"), "fr");
/// ```
#[must_use]
pub fn choose(accepted: &str) -> &'static str {
    let spoken = |range| LANGUAGES.into_iter().find(|language| is_of(range, language));
    let [english, ..] = LANGUAGES;
    accepted.split(',').find_map(spoken).unwrap_or(english)
}

/// Whether a language range, such as `fr-CH;q=0.9`, is of this language.
fn is_of(range: &str, language: &str) -> bool {
    let rest = range.trim_start().strip_prefix(language);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_with_pages_is_chosen() {
        for (accepted, expected) in [
            ("", "en"),
            ("*", "en"),
            ("nl,fr-CH;q=0.9,de", "fr"),
            ("de-AT", "de"),
            (" es;q=0.5", "es"),
            ("fil, den;q=0.9", "en"),
            ("it", "en"),
        ] {
            assert_eq!(choose(accepted), expected, "{accepted}");
        }
    }
}
