//! Pages, completed as the build and the Worker complete them.

use hookswitch::dialects::html::{PageTemplate, fill};
use serde_json::Value;

/// The texts of the link page in a language.
pub(crate) fn texts(language: &str) -> Value {
    let texts = match language {
        "en" => include_str!("../../../www/connect/en.json"),
        "fr" => include_str!("../../../www/connect/fr.json"),
        "de" => include_str!("../../../www/connect/de.json"),
        "es" => include_str!("../../../www/connect/es.json"),
        other => panic!("there are no texts in {other}"),
    };
    serde_json::from_str(texts).unwrap()
}

/// The HTML of a page. The build inserts the texts of a language, and the Worker the parts.
pub(super) fn filled(page: &PageTemplate) -> String {
    let path = page.path.strip_prefix("/connect/").and_then(|path| path.strip_suffix(".txt")).unwrap();
    let (language, name) = path.split_once('/').unwrap();
    let texts = texts(language);
    let words = texts["pages"][name].as_object().unwrap();
    let mut template = include_str!("../../../www/connect/page.html").replace("{language}", language);
    if words.contains_key("approve") {
        template = template.replace("{form}", include_str!("../../../www/connect/form.html"));
        for (name, text) in texts["asking"].as_object().unwrap() {
            template = template.replace(&format!("{{{name}}}"), text.as_str().unwrap());
        }
    }
    for (name, text) in words {
        template = template.replace(&format!("{{{name}}}"), text.as_str().unwrap());
    }
    fill(&template, &page.parts)
}

/// The heading of a page.
pub(crate) fn heading(html: &str) -> &str {
    let rest = html.split_once("<h1>").map_or("", |(_, rest)| rest);
    rest.split_once("</h1>").map_or("", |(heading, _)| heading)
}
