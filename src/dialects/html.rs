//! HTML pages made from templates among the static files.

/// The HTML that replaces a name in braces.
pub type Part = (&'static str, String);

/// A page whose template is a static file. The edge reads the template and fills it in with [`fill`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageTemplate {
    /// The path of the template.
    pub path: String,
    /// The HTML for each name.
    pub parts: Vec<Part>,
}

/// Replaces each name in braces by its HTML. If a name has several parts, the last one counts. A line with a name that has
/// no part is left out.
///
/// ```
/// use hookswitch::dialects::html::fill;
/// assert_eq!(fill("<p>{name}</p>\n<p>{reason}</p>", &[("name", "Anna".to_owned())]), "<p>Anna</p>");
/// ```
#[must_use]
pub fn fill(template: &str, parts: &[Part]) -> String {
    let mut filled = String::new();
    'lines: for line in template.split('\n') {
        let start = filled.len();
        if start > 0 {
            filled.push('\n');
        }
        let mut pieces = line.split('{');
        filled.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let (name, rest) = piece.split_once('}').unwrap_or((piece, ""));
            let Some((_, html)) = parts.iter().rfind(|(given, _)| *given == name) else {
                filled.truncate(start);
                continue 'lines;
            };
            filled.push_str(html);
            filled.push_str(rest);
        }
    }
    filled
}

/// Escapes a text for HTML elements and quoted attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut html = String::new();
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            character => html.push(character),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_text_contains_no_markup() {
        assert_eq!(escape("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
    }

    #[test]
    fn fill_uses_the_last_part_of_a_name_and_drops_lines_without_one() {
        let parts = [("a", "1".to_owned()), ("a", "2".to_owned())];
        assert_eq!(fill("x{a}y\nx{b}y\nz", &parts), "x2y\nz");
    }
}
