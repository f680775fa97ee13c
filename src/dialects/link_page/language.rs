//! The language of a page.

/// The languages of the pages (BCP 47). The first one is for readers who understand none of them.
pub const LANGUAGES: [&str; 4] = ["en", "fr", "de", "es"];

/// The language with pages that an `Accept-Language` header prefers (RFC 9110 §12.5.4): the highest weight wins, and of two
/// with the same weight the first. A weight of 0 excludes a language. Names ignore case.
///
/// ```
/// use hookswitch::dialects::link_page::language::choose;
/// assert_eq!(choose("nl, fr-CH;q=0.2, de;q=0.9"), "de");
/// ```
#[must_use]
pub fn choose(accepted: &str) -> &'static str {
    let ranges: Vec<_> = accepted.split(',').filter_map(Range::parse).collect();
    let is_excluded = |language: &&'static str| {
        let named = |range: &&Range<'_>| range.name.eq_ignore_ascii_case(language);
        let exact = ranges.iter().find(named);
        exact.or_else(|| ranges.iter().find(|range| range.name == "*")).is_some_and(|range| range.weight == 0)
    };
    let mut best: Option<(u16, &'static str)> = None;
    for range in &ranges {
        let language = match range.name {
            // Every language that no other range names.
            "*" => LANGUAGES.into_iter().find(|language| !ranges.iter().any(|range| range.is_of(language))),
            _ => LANGUAGES.into_iter().find(|language| range.is_of(language)),
        };
        let language = language.filter(|language| !is_excluded(language));
        if let Some(language) = language.filter(|_| best.is_none_or(|(weight, _)| range.weight > weight)) {
            best = Some((range.weight, language));
        }
    }
    let [english, ..] = LANGUAGES;
    best.filter(|(weight, _)| *weight > 0).map_or(english, |(_, language)| language)
}

/// A language range with its weight in thousandths.
struct Range<'a> {
    name: &'a str,
    weight: u16,
}

impl<'a> Range<'a> {
    /// Reads a range such as `fr-CH;q=0.9`; `None` if it is empty or its weight cannot be read.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next().filter(|name| !name.is_empty())?;
        let parameters = parts.filter_map(|parameter| parameter.split_once('='));
        let weight = parameters.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        let weight = weight.map_or(Some(1_000), |(_, text)| thousandths(text.trim()))?;
        Some(Self { name, weight })
    }

    /// Whether the range is of this language or of a variety of it.
    fn is_of(&self, language: &str) -> bool {
        self.name.split('-').next().is_some_and(|name| name.eq_ignore_ascii_case(language))
    }
}

/// Reads a weight of RFC 9110 §12.4.2: 0 to 1 with at most three digits after the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    let is_weight = matches!(whole, "0" | "1") && digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let weight: u16 = is_weight.then(|| format!("{whole}{digits:0<3}").parse().ok())??;
    (weight <= 1_000).then_some(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_pages_and_the_highest_weight_is_chosen() {
        for (accepted, expected) in [
            ("", "en"),
            ("*", "en"),
            ("nl,fr-CH;q=0.9,de", "de"),
            ("nl,fr-CH,de;q=0.9", "fr"),
            ("de-AT", "de"),
            (" es;q=0.5", "es"),
            ("fil, den;q=0.9", "en"),
            ("it", "en"),
            ("fr;q=0.2, de;q=0.9", "de"),
            ("fr;q=0.200,de;q=0.201", "de"),
            ("fr ; q=0.2 , de ; q=0.9", "de"),
            ("fr;Q=0.2,de", "de"),
            ("de;q=0.5,fr;q=0.5", "de"),
            ("FR-ch, de;q=0.9", "fr"),
            ("De", "de"),
            ("de;q=0, fr;q=0.1", "fr"),
            ("de;q=0.000", "en"),
            ("en;q=0, de;q=0.1", "de"),
            ("en;q=0, *;q=0.1", "fr"),
            ("en;q=0, fr;q=0, *", "de"),
            ("*;q=0", "en"),
            ("*, de;q=0.5", "en"),
            ("de, *;q=0.5", "de"),
            ("nl, *;q=0.5, es;q=0.4", "en"),
            ("de-AT;q=0, de;q=0.5", "de"),
            ("en;q=0,fr;q=0,de;q=0,es;q=0", "en"),
            ("fr;q=2, de;q=0.1", "de"),
            ("fr;q=x, de;q=0.1", "de"),
            ("fr;q=-1, de;q=0.1", "de"),
            ("fr;q=NaN, de;q=0.1", "de"),
            ("fr;q=0.2;level=1, de;q=0.1", "fr"),
            (",,de,", "de"),
            ("zh-Hant-TW, es-419", "es"),
        ] {
            assert_eq!(choose(accepted), expected, "{accepted}");
        }
    }
}
