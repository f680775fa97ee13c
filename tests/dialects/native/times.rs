//! Times in requests: any year from 0001 to 9999, to the microsecond.

use serde_json::{Value, json};

use crate::kit::{Request, Service};

/// Times and the expiry that is read back; null if there is none.
const EXPIRIES: [(&str, Option<&str>); 14] = [
    ("2026-11-21T08:28:23.123456+01:00", Some("2026-11-21T07:28:23.123456Z")),
    ("2026-11-21t07:28:23.1z", Some("2026-11-21T07:28:23.100000Z")),
    ("2026-11-21T07:28:23.1234569Z", Some("2026-11-21T07:28:23.123456Z")),
    ("1970-01-01T00:00:00Z", Some("1970-01-01T00:00:00.000000Z")),
    ("1969-12-31T23:59:59.999999Z", Some("1969-12-31T23:59:59.999999Z")),
    ("1600-02-29T01:02:03.123457Z", Some("1600-02-29T01:02:03.123457Z")),
    ("0001-01-01T00:00:00.000001Z", Some("0001-01-01T00:00:00.000001Z")),
    ("0001-01-01T00:00:00+00:01", Some("0000-12-31T23:59:00.000000Z")),
    ("2200-12-31T23:59:59.999999Z", Some("2200-12-31T23:59:59.999999Z")),
    ("2200-12-31T23:59:59.9999999Z", Some("2200-12-31T23:59:59.999999Z")),
    ("2201-01-01T00:00:00Z", None),
    ("2255-06-05T23:47:34.740993Z", None),
    ("9999-12-31T23:59:59.9999999Z", None),
    ("9999-12-31T23:59:59-23:59", None),
];

/// Texts that are no times.
const WRONG: [&str; 16] = [
    "",
    "0000-12-31T23:59:59Z",
    "0000-01-01T00:00:00Z",
    "10000-01-01T00:00:00Z",
    "+2026-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-11-21T24:00:00Z",
    "2026-11-21T07:28:23",
    "2026-11-21",
    "20261121T072823Z",
    "2026-11-21T07:28:23+24:00",
    " 2026-11-21T07:28:23Z",
    "1795246103",
    "tomorrow",
];

const RULE: &str = "must be a date and time of RFC 3339 in the years 0001 to 9999";

#[test]
fn an_expiry_keeps_its_microseconds_and_after_the_year_2200_there_is_none() {
    let service = Service::new();
    service.user("anna");
    service.provider("acme", &[]);
    service.app_with("calendar", |registration| registration.provider = Some("acme".parse().unwrap()));
    let upstream = |expires_at: &str| json!({ "access_token": "ya29", "expires_at": expires_at });
    let created = service.post("/v1/connections", json!({ "user_id": "anna", "app_id": "calendar" }));
    let path = format!("/v1/connections/{}", created.text("id"));
    for (sent, expected) in EXPIRIES {
        let body = json!({ "user_id": "anna", "app_id": "calendar", "upstream": upstream(sent) });
        let created = service.post("/v1/connections", body);
        assert_eq!(created.status, 201, "{sent}: {}", created.body);
        let stored = service.root(Request::put(&format!("{path}/upstream")).json(upstream(sent)));
        assert_eq!(stored.status, 200, "{sent}: {}", stored.body);
        for answer in [created, stored, service.get(&path)] {
            let credential = &answer.json()["upstream"]["credentials"][0];
            assert_eq!(credential["expires_at"].as_str(), expected, "{sent}");
        }
    }
    for sent in WRONG {
        let answer = service.root(Request::put(&format!("{path}/upstream")).json(upstream(sent)));
        assert_eq!((answer.status, &answer.json()["errors"]), (400, &json!({ "expires_at": RULE })), "{sent}");
    }
}

#[test]
fn a_time_that_is_no_expiry_is_rejected_after_the_year_2200() {
    let service = Service::new();
    service.user("anna");
    let revoke = |before: Value| service.post("/v1/users/anna/revoke", json!({ "before": before }));
    for (sent, expected) in EXPIRIES {
        let answer = revoke(json!(sent));
        match expected {
            // The clock of the tests shows this second.
            Some(time) if time < "2026-11-21T07:28:23.123001Z" => {
                assert_eq!((answer.status, &answer.json()["before"]), (200, &json!(time)), "{sent}");
            }
            Some(_) => {
                let future = json!({ "before": "must not be in the future" });
                assert_eq!((answer.status, &answer.json()["errors"]), (400, &future), "{sent}");
            }
            None => {
                let late = json!({ "before": "must not be after the year 2200" });
                assert_eq!((answer.status, &answer.json()["errors"]), (400, &late), "{sent}");
            }
        }
    }
    for sent in WRONG {
        assert_eq!(revoke(json!(sent)).json()["errors"], json!({ "before": RULE }), "{sent}");
    }
    assert_eq!(revoke(json!(1_795_246_103)).json()["errors"], json!({ "before": "must be a string" }));
}
