//! What dialects read and write, natively: requests in, asks out; outcomes in, replies out.

mod native;
mod providers;
mod upstream;
mod webhooks;

use hookswitch::core::codec::Handle;
use hookswitch::core::operator::OperatorCommand;
use hookswitch::core::token::Facts;
use hookswitch::core::{Actor, Command, Outcome, Slug, Standing, Status, Token, TokenId, TokenKind, Verdict};
use hookswitch::dialects::call::Headers;
use hookswitch::dialects::html::fill;
use hookswitch::dialects::{
    ALL, Ask, Asked, Beside, Call, Context, Credential, Dialect, Done, Failure, Method, Reply, Route, Settings,
};

use crate::kit::{self, no_facts, second};
use crate::vectors::{HANDLES, keyring, owner};

/// The headers of a request that nobody sent.
#[derive(Debug, Default)]
struct Fake(Vec<(&'static str, String)>);

impl Headers for Fake {
    fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(header, _)| *header == name).map(|(_, value)| value.clone())
    }
}

/// A request that nobody sent.
#[derive(Debug, Default)]
struct Sent {
    parameters: Vec<(&'static str, String)>,
    query: String,
    headers: Fake,
    body: Vec<u8>,
}

impl Sent {
    fn body(body: &str) -> Self {
        let headers = Fake(vec![("content-type", "application/json".to_owned())]);
        Self { body: body.as_bytes().to_vec(), headers, ..Self::default() }
    }

    fn query(query: &str) -> Self {
        Self { query: query.to_owned(), ..Self::default() }
    }

    /// The same request, with the user in its path, and whatever else a path may name.
    fn of(mut self, user: &str) -> Self {
        self.parameters = parameters().map(|name| (name, value(name, user))).collect();
        self
    }

    fn with<R>(&self, read: impl FnOnce(&Call) -> R) -> R {
        let (keyring, settings) = (keyring(), Settings { project_id: PROJECT.to_owned(), ..Settings::default() });
        read(&Call {
            keyring: &keyring,
            settings: &settings,
            origin: ORIGIN,
            parameters: self.parameters.clone(),
            query: &self.query,
            headers: &self.headers,
            body: &self.body,
        })
    }

    fn parse(&self, route: &Route) -> Result<Ask, Failure> {
        self.with(|call| route.ask(call))
    }

    /// Who the request says makes it.
    fn identify(&self, dialect: &Dialect, route: &Route) -> Result<Credential, Failure> {
        self.with(route.identify.unwrap_or(dialect.identify))
    }
}

/// Every name that a parameter of a path has, each once for each path that has it.
fn parameters() -> impl Iterator<Item = &'static str> {
    let segments = ALL.iter().flat_map(|dialect| dialect.routes).flat_map(|route| route.path.split('/'));
    segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// What stands for a parameter of a path: where it is no name that is known here, a token.
fn value(name: &str, user: &str) -> String {
    let value = match name {
        "user_id" => user,
        "app_id" | "connected_app_id" => "crm",
        "connection_id" | "id" | "nanoid" => HANDLES[5].2,
        "name" => "hook",
        "revocation_id" => REVOCATION,
        "slug" => "acme",
        "project_id" => PROJECT,
        _ => HANDLES[0].2,
    };
    value.to_owned()
}

fn route(dialect: &'static Dialect, method: Method, path: &str) -> &'static Route {
    dialect.routes.iter().find(|route| route.method == method && route.path == path).unwrap()
}

/// The reply that a call gives to an outcome, about the known connection token.
fn reply(dialect: &Dialect, route: &Route, outcome: Outcome) -> Reply {
    reply_beside(dialect, route, outcome, Beside::Nothing)
}

/// The same, with what there is beside the outcome.
fn reply_beside(dialect: &Dialect, route: &Route, outcome: Outcome, beside: Beside) -> Reply {
    let done = Done { outcome, handles: vec![secret()], apps: Vec::new(), beside, replayed: false, context: context() };
    (route.render)(&done).unwrap_or_else(|failure| refused(dialect, route, &failure))
}

/// What a call says to a failure.
fn refused(dialect: &Dialect, route: &Route, failure: &Failure) -> Reply {
    completed((route.refuse.unwrap_or(dialect.refuse))(failure, &ASKED))
}

/// What the pages say in a language.
fn said(language: &str) -> serde_json::Value {
    let texts = match language {
        "en" => include_str!("../../../www/connect/en.json"),
        "fr" => include_str!("../../../www/connect/fr.json"),
        "de" => include_str!("../../../www/connect/de.json"),
        "es" => include_str!("../../../www/connect/es.json"),
        other => panic!("nothing is said in {other}"),
    };
    serde_json::from_str(texts).unwrap()
}

/// The reply with its page as the edge sends it: the build puts in what a language says, and the edge the rest.
fn completed(reply: Reply) -> Reply {
    let Some(page) = &reply.page else {
        return reply;
    };
    let path = page.path.strip_prefix("/connect/").and_then(|path| path.strip_suffix(".txt")).unwrap();
    let (language, name) = path.split_once('/').unwrap();
    let texts = said(language);
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
    let body = fill(&template, &page.parts);
    Reply { body, page: None, ..reply }
}

/// What our own API says to a failure: the status, and a text of the problem.
fn problem(failure: &Failure, member: &str) -> (u16, String) {
    let reply = (hookswitch::dialects::native::DIALECT.refuse)(failure, &ASKED);
    let problem: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    (reply.status, problem[member].as_str().unwrap().to_owned())
}

/// What our own API says to a request that it cannot read: the status, and the sentence.
fn told(asked: Result<Ask, Failure>) -> (u16, String) {
    problem(&asked.unwrap_err(), "detail")
}

/// What is asked of the operator's ledger.
fn of_operator(command: OperatorCommand) -> Ask {
    Ask::Run(Command::OfOperator(command))
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

fn context() -> Context {
    Context {
        now: second(3),
        request_id: "request".to_owned(),
        origin: ORIGIN.to_owned(),
        project_id: PROJECT.to_owned(),
    }
}

const ASKED: Asked = Asked { request_id: "request", basic: false, languages: "" };
const ORIGIN: &str = "https://hookswitch.example";
const PROJECT: &str = "project-test-1";
/// What a URL to be called has to be.
const BAD_URL: &str =
    "must be an https URL of a public host by its name, without a user or a fragment, at most 2048 characters.";
/// Names the revocation of the credential with the place 300.
const REVOCATION: &str = "rev_72a50e29deb12af80000012c";

/// Whether a call is for everyone.
fn is_open(route: &Route) -> bool {
    route.identify.is_some_and(|identify| Sent::default().with(identify) == Ok(Credential::Nobody))
}

/// The connection token that these tests are about.
fn secret() -> Handle {
    keyring().open(HANDLES[0].2).unwrap()
}

/// Its public id.
fn public() -> Handle {
    keyring().open(HANDLES[6].2).unwrap()
}

fn verdict(standing: Standing) -> Verdict {
    let facts = Facts { label: Some("door".to_owned()), ..no_facts() };
    let token = Token {
        token_id: TokenId::parse(&public().text()).unwrap(),
        digest: secret().digest(),
        expires_at: Some(second(60)),
        facts,
        ..kit::token(TokenKind::ConnectionToken, 1)
    };
    Verdict::of(&owner(), &token, standing, second(3))
}

fn dead(status: Status) -> Verdict {
    let by = (status != Status::Expired).then(Actor::root);
    let reason = (status == Status::Revoked).then(|| "lost".to_owned());
    verdict(Standing::Dead { status, at: second(2), by, reason })
}

#[test]
fn every_dialect_is_listed_once() {
    assert_eq!(ALL[0].name, "native", "the first answers for paths that nobody knows");
    let (mut names, mut starts, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for dialect in ALL {
        assert!(dialect.name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{} is no module", dialect.name);
        assert!(!dialect.routes.is_empty(), "{} has no call", dialect.name);
        names.push(dialect.name);
        starts.extend(dialect.prefixes.iter().copied());
        places.extend(dialect.routes.iter().map(|route| (route.method.allow(), form(route.path))));
    }
    assert_eq!(twice(names), None);
    assert!(starts.iter().all(|start| start.starts_with('/')), "{starts:?}");
    assert_eq!(twice(starts), None);
    assert_eq!(twice(places), None, "two calls in one place");
}

/// A path with nothing but where its parameters are.
fn form(path: &str) -> Vec<&str> {
    path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect()
}

/// Something that is there twice.
fn twice<T: Ord>(mut all: Vec<T>) -> Option<T> {
    all.sort();
    let at = all.windows(2).position(|two| two[0] == two[1])?;
    Some(all.swap_remove(at))
}
