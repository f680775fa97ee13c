//! HTML from templates: a name in braces stands for what is put there.

/// What is put in the place of a name: HTML.
pub type Part = (&'static str, String);

/// A page that is among the static files, where names in braces stand for what only a request can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The path of its file.
    pub path: String,
    /// What is put into it.
    pub parts: Vec<Part>,
}

/// The template with each name in braces replaced; the last part of a name counts. A line with a name that nothing is
/// given for is left out.
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

/// A text as HTML: it is itself in an element, and in a quoted attribute.
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
