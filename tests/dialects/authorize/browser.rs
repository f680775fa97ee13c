//! A browser: it keeps cookies, follows redirects to the operator's page, and sends forms.

use std::collections::BTreeMap;

use super::LOGIN;
use crate::kit::{Answer, Request, Service};

/// A browser with its cookies.
pub(crate) struct Browser<'s> {
    service: &'s Service,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl<'s> Browser<'s> {
    pub(crate) fn new(service: &'s Service) -> Self {
        Self { service, cookies: BTreeMap::new() }
    }

    /// Sends a request with the cookies, and keeps those of the answer.
    pub(crate) fn send(&mut self, request: &Request) -> Answer {
        let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.clone().header("cookie", &pairs.join("; "));
        let answer = self.service.send(&request);
        if let Some(cookie) = answer.header("set-cookie") {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    /// Follows an app to the authorize endpoint, and returns the challenge that the operator's page gets.
    pub(crate) fn authorize(&mut self, parameters: &[(&str, &str)]) -> String {
        challenge_of(&self.send(&Request::get("/oauth/authorize").query(parameters)))
    }

    /// Opens a URL of the deployment.
    pub(crate) fn open(&mut self, url: &str) -> Answer {
        self.send(&Request::get(url.strip_prefix(crate::kit::ORIGIN).unwrap()))
    }

    /// Opens a URL of a deployment with this issuer.
    pub(crate) fn open_at(&mut self, url: &str, issuer: &str) -> Answer {
        self.send(&Request::get(url.strip_prefix(issuer).unwrap()).at(issuer))
    }

    /// Presses a button of a page.
    pub(crate) fn press(&mut self, page: &Answer, consent: &str) -> Answer {
        let request = form(page, consent).header("sec-fetch-site", "same-origin");
        self.send(&request)
    }

    /// Goes the whole way, and returns the code that the app gets.
    pub(crate) fn code(&mut self, request: &[(&str, &str)], user_id: &str) -> String {
        let challenge = self.authorize(request);
        let page = self.open(&self.service.accept(&challenge, user_id));
        let answer = if page.status == 303 { page } else { self.press(&page, "approve") };
        let (_, parameters) = parameters(&answer);
        assert_eq!(parameters[0].0, "code", "{parameters:?}");
        parameters[0].1.clone()
    }
}

/// The form of a page with one of its buttons.
pub(crate) fn form(page: &Answer, consent: &str) -> Request {
    let inputs = page.body.split("<input type=\"hidden\" name=\"").skip(1);
    let mut fields: Vec<(&str, &str)> = inputs
        .map(|input| {
            let (name, rest) = input.split_once("\" value=\"").unwrap();
            (name, rest.split_once('"').unwrap().0)
        })
        .collect();
    fields.push(("consent", consent));
    let action = page.body.split_once("action=\"").unwrap().1.split_once('"').unwrap().0;
    Request::post(action).form(&fields)
}

/// The challenge in the address of the operator's page.
pub(crate) fn challenge_of(answer: &Answer) -> String {
    let (address, parameters) = parameters(answer);
    assert_eq!(address, LOGIN, "{parameters:?}");
    assert_eq!(parameters[0].0, "challenge");
    parameters[0].1.clone()
}

/// The address that an answer sends the browser to, and its parameters.
pub(crate) fn parameters(answer: &Answer) -> (String, Vec<(String, String)>) {
    assert_eq!(answer.status, 303, "{}", answer.body);
    let (address, query) = answer.header("location").unwrap().split_once('?').unwrap();
    (address.to_owned(), form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}
