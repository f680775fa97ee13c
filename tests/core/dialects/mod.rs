//! What dialects read and write, natively: requests in, asks out; outcomes in, replies out.

mod hostile;
mod native;
mod partoo;

use hookswitch::core::codec::Handle;
use hookswitch::core::token::Facts;
use hookswitch::core::{Actor, Outcome, Standing, Status, Token, TokenId, TokenKind, Verdict};
use hookswitch::dialects::call::Headers;
use hookswitch::dialects::{Ask, Call, Dialect, Done, Failure, Method, Reply, Route};

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

    /// The same request, with the user in its path.
    fn of(mut self, user: &str) -> Self {
        self.parameters.push(("user_id", user.to_owned()));
        self
    }

    fn with<R>(&self, read: impl FnOnce(&Call) -> R) -> R {
        let keyring = keyring();
        read(&Call {
            keyring: &keyring,
            parameters: self.parameters.clone(),
            query: &self.query,
            headers: &self.headers,
            body: &self.body,
        })
    }

    fn parse(&self, route: &Route) -> Result<Ask, Failure> {
        self.with(route.parse)
    }
}

fn route(dialect: &'static Dialect, method: Method, path: &str) -> &'static Route {
    dialect.routes.iter().find(|route| route.method == method && route.path == path).unwrap()
}

/// The reply that a call gives to an outcome, about the known connection token.
fn reply(dialect: &Dialect, route: &Route, outcome: Outcome) -> Reply {
    let done = Done { outcome: Some(outcome), handles: vec![secret()], replayed: false };
    (route.render)(&done).unwrap_or_else(|failure| (dialect.refuse)(&failure, "request"))
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
    let names: Vec<_> = hookswitch::dialects::ALL.iter().map(|dialect| dialect.name).collect();
    assert_eq!(names[..2], ["native", "partoo"], "the first answers for paths that nobody knows");
    let mut places = Vec::new();
    for dialect in hookswitch::dialects::ALL {
        for route in dialect.routes {
            assert!(!places.contains(&(route.method.allow(), route.path)), "{} comes twice", route.path);
            places.push((route.method.allow(), route.path));
        }
    }
}
