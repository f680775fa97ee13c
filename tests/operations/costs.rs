//! The ledger calls and KV writes of operations are those of the page of costs.

use hookswitch::core::app::ClientType;
use hookswitch::core::params::Lifetimes;
use hookswitch::operations::tokens::{Check, Revoke};
use hookswitch::operations::{connections, tokens};

use crate::kit::Deployment;

/// The ledger calls and KV writes of an operation in the page.
fn listed(name: &str) -> (usize, usize) {
    let page = include_str!("../../docs/operations/cost.md");
    let row = page.lines().find(|line| line.starts_with(&format!("| {name} "))).unwrap_or_else(|| panic!("{name}"));
    let cells: Vec<_> = row.split('|').map(str::trim).collect();
    (cells[2].parse().unwrap(), cells[4].parse().unwrap())
}

#[test]
fn the_page_of_costs_has_the_calls_that_operations_make() {
    let deployment = Deployment::new();
    let client = deployment.app("app-1", ClientType::Confidential);
    let user_id = deployment.user("user-1");
    let cx = deployment.root();
    let compare = |name: &str, run: &dyn Fn()| {
        deployment.calls();
        let _ = deployment.platform.records.take_writes();
        run();
        assert_eq!((deployment.calls(), deployment.platform.records.take_writes()), listed(name), "{name}");
    };

    let [live, consumed, revoked] = [(); 3].map(|()| deployment.open(&deployment.token(&user_id).secret));
    let check = |token| deployment.run(tokens::check(&cx, Check { token, user_id: None })).unwrap();
    compare("create a user, with its ledger", &|| drop(deployment.user("user-2")));
    compare("create a connection token", &|| drop(deployment.token(&user_id)));
    compare("check a live token", &|| drop(check(live.clone())));
    compare("consume a connection token", &|| drop(deployment.run(tokens::consume(&cx, &consumed)).unwrap()));
    compare("revoke a token", &|| {
        let revoke = Revoke { token: revoked.clone(), user_id: None, reason: None };
        deployment.run(tokens::revoke(&cx, revoke)).unwrap();
    });
    compare("check a dead token that the isolate remembers", &|| drop(check(revoked.clone())));

    compare("create an active connection", &|| drop(deployment.connect(&user_id, &client.app_id, None)));
    let connection = deployment.connect(&user_id, &client.app_id, None);
    let lifetimes = Lifetimes { access: 3_600, refresh: Some(86_400) };
    compare("issue an access and a refresh token", &|| {
        drop(deployment.run(connections::issue_tokens(&cx, &connection, None, lifetimes)).unwrap());
    });
    compare("revoke a connection with all of its tokens", &|| {
        drop(deployment.run(connections::revoke(&cx, &connection, None)).unwrap());
    });
}
