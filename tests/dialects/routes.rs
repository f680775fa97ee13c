//! The rules that all dialects have in common.

use hookswitch::dialects::ALL;
use hookswitch::dialects::router::Router;

#[test]
fn every_dialect_is_listed_once_and_has_its_own_paths() {
    assert_eq!(ALL[0].name, "native", "the first dialect answers paths that belong to none");
    let mut names: Vec<_> = ALL.iter().map(|dialect| dialect.name).collect();
    let mut prefixes: Vec<_> = ALL.iter().flat_map(|dialect| dialect.prefixes).collect();
    for name in &names {
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{name} is not the name of a module");
    }
    for prefix in &prefixes {
        assert!(prefix.starts_with('/'), "{prefix}");
    }
    assert_eq!(repeated(&mut names), None);
    assert_eq!(repeated(&mut prefixes), None);
}

#[test]
fn every_route_has_a_path_and_method_of_its_own() {
    let mut routes: Vec<_> = Router::get()
        .routes()
        .map(|(_, route)| {
            let segments = route.path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
            (route.method.as_str(), segments.collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(repeated(&mut routes), None);
}

/// An item that is there twice.
fn repeated<T: Ord + Clone>(items: &mut [T]) -> Option<T> {
    items.sort();
    items.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone())
}
