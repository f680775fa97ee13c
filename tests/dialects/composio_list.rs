//! The list of Composio's connected accounts.

use hookswitch::core::provider::UpstreamTokenType::{AccessToken, RefreshToken};
use hookswitch::core::{ConnectionStatus, LedgerId};
use hookswitch::operations::platform::ListedConnection;
use serde_json::{Value, json};

use crate::composio::ACCOUNTS;
use crate::kit::{Answer, Request, Service};

impl Service {
    fn list(&self, query: &str) -> Answer {
        self.composio(Request::get(&format!("{ACCOUNTS}?{query}")))
    }

    /// The ids of the accounts on a page, and its cursor.
    fn page(&self, query: &str) -> (Vec<String>, Option<String>) {
        let answer = self.list(query);
        assert_eq!(answer.status, 200, "{query} {}", answer.body);
        let (page, items) = (answer.json(), answer.json()["items"].as_array().unwrap().clone());
        let next = page["next_cursor"].as_str().map(str::to_owned);
        assert_eq!(page["total_items"], items.len(), "{query}");
        assert_eq!(
            (&page["current_page"], &page["total_pages"]),
            (&json!(1), &json!(if next.is_some() { 2 } else { 1 }))
        );
        (items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect(), next)
    }

    /// The ids of the accounts on all pages.
    fn all_pages(&self, query: &str) -> Vec<String> {
        let (mut ids, mut next) = self.page(query);
        while let Some(cursor) = next {
            let page = self.page(&format!("{query}&cursor={cursor}"));
            ids.extend(page.0);
            next = page.1;
        }
        ids
    }

    /// Writes a connection into the list of all connections, as it is now.
    fn enlist(&self, id: &str) {
        let verdict = self.connection(id);
        self.platform.connections.add(ListedConnection {
            id: verdict.connection.id.clone(),
            user_id: verdict.user_id.clone(),
            app_id: verdict.connection.app_id.clone(),
            provider: verdict.connection.provider.clone(),
            status: verdict.status(),
        });
    }
}

/// Accounts of two users with two apps, oldest first.
fn accounts(service: &Service) -> Vec<String> {
    let (crm, plain) = (service.app_of_acme(), service.app("plain"));
    let (anna, bert) = (service.user("anna"), service.user("bert"));
    let upstream = [(AccessToken, "at"), (RefreshToken, "rt")];
    let mut ids = Vec::new();
    for (user, app, stored) in
        [(&anna, &crm, &upstream[..]), (&bert, &crm, &[]), (&anna, &plain, &[]), (&bert, &plain, &[])]
    {
        service.clock.advance_seconds(1);
        ids.push(service.connect(user, app, stored));
    }
    for id in &ids {
        service.enlist(id);
    }
    ids
}

/// These of the accounts.
fn of(ids: &[String], indexes: &[usize]) -> Vec<String> {
    indexes.iter().map(|index| ids[*index].clone()).collect()
}

#[test]
fn accounts_are_listed_newest_first_in_pages() {
    let service = Service::new();
    let ids = accounts(&service);
    for limit in [1, 2, 3, 4, 20, 101, 1_000] {
        assert_eq!(service.all_pages(&format!("limit={limit}")), of(&ids, &[3, 2, 1, 0]), "{limit}");
    }
    assert_eq!(service.page("").0.len(), 4);
    let shown = service.list("limit=1").json()["items"][0].clone();
    assert_eq!(shown, service.account(&ids[3]));
}

#[test]
fn filters_are_joined_by_commas_or_repeated() {
    let service = Service::new();
    let ids = accounts(&service);
    let both = format!("{},{}", ids[0], ids[3]);
    let repeated = format!("connected_account_ids={}&connected_account_ids={}", ids[0], ids[3]);
    for (query, expected) in [
        ("user_ids=anna", vec![2, 0]),
        ("user_ids=anna%2Cbert", vec![3, 2, 1, 0]),
        ("user_ids=bert&user_ids=anna", vec![3, 2, 1, 0]),
        ("user_ids=anna,anna&user_ids=anna", vec![2, 0]),
        ("user_ids=nobody,anna", vec![2, 0]),
        ("user_ids=nobody", vec![]),
        ("auth_config_ids=crm", vec![1, 0]),
        ("auth_config_ids=crm,plain&user_ids=bert", vec![3, 1]),
        ("toolkit_slugs=ACME", vec![1, 0]),
        ("toolkit_slugs=acme&toolkit_slugs=none", vec![1, 0]),
        ("toolkit_slugs=plain", vec![3, 2]),
        ("toolkit_slugs=plain&user_ids=anna,bert", vec![3, 2]),
        ("toolkit_slugs=none", vec![]),
        (&format!("connected_account_ids={both},ca_gone"), vec![3, 0]),
        (&repeated, vec![3, 0]),
        (&format!("{repeated}&{repeated}"), vec![3, 0]),
        ("connected_account_ids=ca_gone", vec![]),
        (&format!("connected_account_ids={both}&user_ids=anna"), vec![0]),
    ] {
        assert_eq!(service.all_pages(query), of(&ids, &expected), "{query}");
    }
}

#[test]
fn empty_and_other_parameters_are_ignored_also_if_they_are_repeated() {
    let service = Service::new();
    let ids = accounts(&service);
    for query in [
        "toolkit_slugs=&statuses=&cursor=&limit=&user_ids=&order_by=&account_type=",
        "user_ids=,",
        "x=1&x=2",
        "order_by=updated_at&order_direction=asc",
        "account_type=PRIVATE",
        "account_type=ALL",
    ] {
        assert_eq!(service.page(query).0, of(&ids, &[3, 2, 1, 0]), "{query}");
    }
}

#[test]
fn accounts_of_several_users_and_named_accounts_are_in_one_order_on_pages_of_any_size() {
    let service = Service::new();
    let app = service.app("crm");
    let users = ["anna", "bert", "carl"].map(|user| service.user(user));
    let mut ids = Vec::new();
    // Some accounts of different users are as old as each other, and one user has most of them.
    for (index, user) in [0, 0, 1, 0, 2, 0, 0, 1, 0, 0, 0, 2].into_iter().enumerate() {
        if index % 3 == 0 {
            service.clock.advance_seconds(1);
        }
        ids.push(service.connect(&users[user], &app, &[]));
    }
    ids.sort_by_key(|id| (std::cmp::Reverse(service.connection(id).connection.created_at), id.clone()));
    service.switch(&ids[4], hookswitch::core::decide::connections::Switch::Disable);
    let named = format!("connected_account_ids={},{}", ids.join(","), ids[0]);
    for filter in ["user_ids=carl,anna,bert,anna", &named] {
        for limit in 1..=13 {
            assert_eq!(service.all_pages(&format!("{filter}&limit={limit}")), ids, "{filter} {limit}");
            let page = service.page(&format!("{filter}&limit={limit}"));
            assert_eq!((page.0.len(), page.1.is_none()), (limit.min(12), limit >= 12), "{filter} {limit}");
            let inactive = service.all_pages(&format!("{filter}&limit={limit}&statuses=INACTIVE"));
            assert_eq!(inactive, [ids[4].clone()], "{filter} {limit}");
        }
    }
}

#[test]
fn a_filter_is_understood_or_rejected() {
    let service = Service::new();
    let ids = accounts(&service);
    for query in ["user_ids[]=anna", "user_ids%5B%5D=anna", "user_ids[0]=anna", "user_ids[]=anna&user_ids[]=nobody"] {
        assert_eq!(service.page(query).0, of(&ids, &[2, 0]), "{query}");
    }
    assert_eq!(service.page("user_ids[]=nobody").0, of(&ids, &[]));
    assert_eq!(service.page("user_ids[0]=anna&user_ids[1]=bert&auth_config_ids[]=crm").0.len(), 2);
    for query in [
        "user_id=anna",
        "userIds=anna",
        "userId=anna",
        "USER_IDS=anna",
        "user_ids[a]=anna",
        "user_ids.0=anna",
        "auth_config_id=crm",
        "authConfigIds=crm",
        "toolkit=acme",
        "toolkitSlugs[]=acme",
        "status=ACTIVE",
        "connected_account_id=ca_gone",
        "connectedAccountIds=ca_gone",
        "labels=x",
        "page=2",
        "nextCursor=x",
        "orderBy=created_at",
        "accountType=SHARED",
    ] {
        let answer = service.list(query);
        assert_eq!(answer.status, 400, "{query} {}", answer.body);
    }
}

#[test]
fn a_cursor_that_no_answer_had_is_rejected() {
    let service = Service::new();
    let ids = accounts(&service);
    let named = format!("connected_account_ids={}", ids.join(","));
    for filter in ["", "user_ids=anna,bert", "user_ids=anna", &named] {
        let cursor = service.page(&format!("{filter}&limit=1")).1.unwrap();
        assert_eq!(service.page(&format!("{filter}&limit=1&cursor={cursor}")).0.len(), 1, "{filter}");
        let (start, last) = cursor.split_at(cursor.len() - 1);
        let other = format!("{start}{}", if last == "0" { '1' } else { '0' });
        for cursor in ["garbage", "1", "0.1", "9.0", "-1", "null", start, &other, &format!("{cursor}0")] {
            let answer = service.list(&format!("{filter}&limit=1&cursor={cursor}"));
            assert_eq!(answer.status, 400, "{filter} {cursor} {}", answer.body);
        }
    }
}

#[test]
fn accounts_are_found_by_their_status() {
    let service = Service::new();
    let ids = accounts(&service);
    let anna = "anna".parse().unwrap();
    let initiated = service.code(&anna, &service.app("third")).connection_id;
    service.switch(&ids[1], hookswitch::core::decide::connections::Switch::Disable);
    service.revoke_connection(&ids[3]);
    let query = |statuses: &str| service.all_pages(&format!("user_ids=anna,bert&statuses={statuses}"));
    assert_eq!(query("INACTIVE"), of(&ids, &[1]));
    assert_eq!(query("REVOKED"), of(&ids, &[3]));
    assert_eq!(query("ACTIVE,INACTIVE"), of(&ids, &[2, 1, 0]));
    assert_eq!(query("INITIALIZING"), std::slice::from_ref(&initiated));
    assert_eq!(query("INITIATED&statuses=FAILED"), [initiated]);
    assert!(query("FAILED").is_empty() && query("EXPIRED").is_empty());
    assert_eq!(service.all_pages("statuses=REVOKED"), of(&ids, &[3]), "whatever the list knew");
}

#[test]
fn an_account_that_is_being_revoked_is_found_by_the_status_that_it_shows() {
    let service = Service::new();
    let app = service.app_of_acme();
    let [partly, not, fully] = ["anna", "bert", "carl"].map(|user| {
        service.clock.advance_seconds(1);
        service.account_of(user, &app)
    });
    for (id, statuses) in [(&partly, [200, 503]), (&not, [503, 503]), (&fully, [200, 200])] {
        for status in statuses {
            service.platform.http.respond(status, "");
        }
        service.revoke_connection(id);
    }
    let statuses = [&partly, &not, &fully].map(|id| service.connection(id).status());
    assert_eq!(statuses, [ConnectionStatus::Revoking, ConnectionStatus::Revoking, ConnectionStatus::Revoked]);
    let query = |statuses: &str| service.all_pages(&format!("user_ids=anna,bert,carl&statuses={statuses}"));
    assert_eq!(query("REVOKED"), [fully.clone(), partly.clone()]);
    assert_eq!(query("INACTIVE"), std::slice::from_ref(&not));
    assert_eq!(query("INACTIVE,REVOKED"), [fully, not, partly]);
}

#[test]
fn the_list_of_shared_accounts_is_empty() {
    let service = Service::new();
    accounts(&service);
    let expected = json!({ "items": [], "next_cursor": null, "total_pages": 1, "current_page": 1, "total_items": 0 });
    assert_eq!(service.list("account_type=SHARED&limit=5").both(), (200, expected));
    assert_eq!(service.list("account_type=SHARED&limit=0").status, 400);
}

#[test]
fn wrong_values_are_400() {
    let service = Service::new();
    let too_many = format!("user_ids={}", ["u"; 101].join(","));
    for query in [
        "statuses=active",
        "statuses=ACTIVE,GONE",
        "limit=0",
        "limit=1001",
        "limit=ten",
        "limit=+5",
        "limit=1&limit=2",
        "cursor=a&cursor=b",
        "user_ids=anna&cursor=nonsense",
        "order_by=name",
        "order_by=created_at&order_by=updated_at",
        "order_direction=up",
        "account_type=private",
        "toolkit_slugs=two%20words",
        "user_ids=app:crm",
        &too_many,
    ] {
        let answer = service.list(query);
        let error: Value = answer.json()["error"].clone();
        assert_eq!((answer.status, &error["code"]), (400, &json!(600)), "{query}");
        assert_eq!(error["slug"], "ConnectedAccount_BadRequest");
    }
}

#[test]
fn one_ledger_that_cannot_be_read_keeps_no_other_account_from_the_list() {
    let service = Service::new();
    let ids = accounts(&service);
    let of = |user: &str| -> Vec<String> {
        ids.iter().filter(|id| service.connection(id).user_id.as_str() == user).cloned().collect()
    };
    let (mut of_anna, of_bert) = (of("anna"), of("bert"));
    service.platform.ledgers.break_ledger(LedgerId::of_user(&"anna".parse().unwrap()));
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    of_anna.sort();
    for limit in [1, 2, 100] {
        assert_eq!(sorted(service.all_pages(&format!("limit={limit}"))), sorted(of_bert.clone()), "{limit}");
    }
    let missing: Vec<String> = serde_json::from_value(service.list("limit=100").json()["missing"].clone()).unwrap();
    assert_eq!(sorted(missing), of_anna);
    let users = service.list("user_ids=anna,bert");
    assert_eq!((users.status, &users.json()["missing"]), (200, &json!(["anna"])));
    assert_eq!(users.json()["items"].as_array().unwrap().len(), of_bert.len());
    assert_eq!(service.list("user_ids=anna").status, 503);
    assert_eq!(service.list("user_ids=bert").json().get("missing"), None);
}

#[test]
fn without_the_ledgers_no_account_is_listed() {
    let service = Service::new();
    accounts(&service);
    let request = Request::get(&format!("{ACCOUNTS}?user_ids=anna")).header("x-api-key", crate::kit::ROOT);
    assert_eq!(service.send_without_ledgers(&request).status, 503);
}
