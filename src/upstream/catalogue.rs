//! The catalogue: the documented revocation calls of well-known providers. An operator can replace each of them.
//!
//! Each entry names its source, the provider's own documentation. Where that names no answers, only 200 counts as success.

use super::catalogue_answers::{CatalogueRule, DROPBOX, FACEBOOK, GITHUB, NO_CONTENT, OK, SLACK, TWITCH, ZOOM};
use crate::core::Slug;
use crate::core::provider::{CallAuth, CallBody, CallMethod, Provider, ProviderCall, UpstreamTokenType};

/// A provider of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct CatalogueEntry {
    /// The provider's name in the API.
    pub slug: &'static str,
    /// The name that people see.
    pub name: &'static str,
    /// The URL of the documentation of the call. Only tests and readers use it.
    #[cfg(test)]
    pub source: &'static str,
    call: Option<CatalogueCall>,
}

/// A [`ProviderCall`] as a constant.
#[derive(Clone, Copy, Debug)]
struct CatalogueCall {
    method: CallMethod,
    url: &'static str,
    auth: CallAuth,
    body: CallBody,
    parameter: &'static str,
    tokens: &'static [UpstreamTokenType],
    gone_errors: &'static [&'static str],
    headers: &'static [(&'static str, &'static str)],
    answers: &'static [CatalogueRule],
}

const BOTH: &[UpstreamTokenType] = &[UpstreamTokenType::RefreshToken, UpstreamTokenType::AccessToken];
const REFRESH: &[UpstreamTokenType] = &[UpstreamTokenType::RefreshToken];
const ACCESS: &[UpstreamTokenType] = &[UpstreamTokenType::AccessToken];

/// A call by RFC 7009.
const fn rfc7009(url: &'static str, auth: CallAuth) -> CatalogueCall {
    CatalogueCall {
        method: CallMethod::Rfc7009,
        url,
        auth,
        body: CallBody::Form,
        parameter: "token",
        tokens: BOTH,
        gone_errors: &["invalid_token"],
        headers: &[],
        answers: OK,
    }
}

/// A POST that only this provider has.
const fn post(url: &'static str, auth: CallAuth, body: CallBody) -> CatalogueCall {
    CatalogueCall { method: CallMethod::Post, body, gone_errors: &[], ..rfc7009(url, auth) }
}

impl CatalogueCall {
    const fn only(self, tokens: &'static [UpstreamTokenType]) -> Self {
        Self { tokens, ..self }
    }

    /// Sets the meanings of the provider's answers, instead of [`OK`].
    const fn answers(self, answers: &'static [CatalogueRule]) -> Self {
        Self { answers, ..self }
    }

    const fn headers(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }

    const fn parameter(self, parameter: &'static str) -> Self {
        Self { parameter, ..self }
    }

    const fn method(self, method: CallMethod) -> Self {
        Self { method, ..self }
    }
}

const fn entry(slug: &'static str, name: &'static str, source: &'static str, call: CatalogueCall) -> CatalogueEntry {
    CatalogueEntry { call: Some(call), ..without_call(slug, name, source) }
}

/// A provider that documents no call that revokes its tokens.
#[cfg_attr(not(test), allow(unused_variables))]
const fn without_call(slug: &'static str, name: &'static str, source: &'static str) -> CatalogueEntry {
    CatalogueEntry {
        slug,
        name,
        #[cfg(test)]
        source,
        call: None,
    }
}

/// The catalogue, sorted by slug.
pub const CATALOGUE: &[CatalogueEntry] = &[
    entry(
        "apple",
        "Apple",
        "https://developer.apple.com/documentation/sign_in_with_apple/revoke_tokens",
        rfc7009("https://appleid.apple.com/auth/revoke", CallAuth::Post),
    ),
    entry(
        "asana",
        "Asana",
        "https://developers.asana.com/docs/oauth#token-deauthorization-endpoint",
        rfc7009("https://app.asana.com/-/oauth_revoke", CallAuth::Post).only(REFRESH),
    ),
    without_call("atlassian", "Atlassian", "https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/"),
    without_call(
        "bitbucket",
        "Bitbucket",
        "https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
    ),
    entry(
        "box",
        "Box",
        "https://developer.box.com/reference/post-oauth2-revoke/",
        rfc7009("https://api.box.com/oauth2/revoke", CallAuth::Post),
    ),
    entry(
        "discord",
        "Discord",
        "https://discord.com/developers/docs/topics/oauth2",
        rfc7009("https://discord.com/api/oauth2/token/revoke", CallAuth::Basic),
    ),
    entry(
        "dropbox",
        "Dropbox",
        "https://www.dropbox.com/developers/documentation/http/documentation#auth-token-revoke",
        post("https://api.dropboxapi.com/2/auth/token/revoke", CallAuth::Bearer, CallBody::None)
            .only(ACCESS)
            .answers(DROPBOX),
    ),
    entry(
        "facebook",
        "Facebook",
        "https://developers.facebook.com/docs/facebook-login/guides/permissions/request-revoke",
        post("https://graph.facebook.com/me/permissions", CallAuth::None, CallBody::Query)
            .method(CallMethod::Delete)
            .parameter("access_token")
            .only(ACCESS)
            .answers(FACEBOOK),
    ),
    entry(
        "fitbit",
        "Fitbit",
        "https://dev.fitbit.com/build/reference/web-api/authorization/revoke-token/",
        rfc7009("https://api.fitbit.com/oauth2/revoke", CallAuth::Basic),
    ),
    entry(
        "github",
        "GitHub",
        "https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-token",
        post("https://api.github.com/applications/{client_id}/token", CallAuth::Basic, CallBody::Json)
            .method(CallMethod::Delete)
            .parameter("access_token")
            .headers(&[("x-github-api-version", "2022-11-28")])
            .only(ACCESS)
            .answers(GITHUB),
    ),
    entry(
        "gitlab",
        "GitLab",
        "https://docs.gitlab.com/api/oauth2/#revoke-a-token",
        rfc7009("https://gitlab.com/oauth/revoke", CallAuth::Post),
    ),
    entry(
        "google",
        "Google",
        "https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke",
        rfc7009("https://oauth2.googleapis.com/revoke", CallAuth::None),
    ),
    entry(
        "hubspot",
        "HubSpot",
        "https://developers.hubspot.com/docs/api/oauth-tokens",
        post("https://api.hubapi.com/oauth/v1/refresh-tokens/{token}", CallAuth::None, CallBody::None)
            .method(CallMethod::Delete)
            .only(REFRESH)
            .answers(NO_CONTENT),
    ),
    entry(
        "linear",
        "Linear",
        "https://linear.app/developers/oauth-2-0-authentication",
        rfc7009("https://api.linear.app/oauth/revoke", CallAuth::None),
    ),
    entry(
        "linkedin",
        "LinkedIn",
        "https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection",
        rfc7009("https://www.linkedin.com/oauth/v2/revoke", CallAuth::Post),
    ),
    without_call("microsoft", "Microsoft", "https://learn.microsoft.com/en-us/entra/identity-platform/refresh-tokens"),
    entry(
        "notion",
        "Notion",
        "https://developers.notion.com/reference/revoke-token",
        post("https://api.notion.com/v1/oauth/revoke", CallAuth::Basic, CallBody::Json)
            .headers(&[("notion-version", "2025-09-03")]),
    ),
    entry(
        "pipedrive",
        "Pipedrive",
        "https://pipedrive.readme.io/docs/marketplace-oauth-authorization",
        rfc7009("https://oauth.pipedrive.com/oauth/revoke", CallAuth::Basic),
    ),
    entry(
        "quickbooks",
        "QuickBooks",
        "https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0",
        post("https://developer.api.intuit.com/v2/oauth2/tokens/revoke", CallAuth::Basic, CallBody::Json),
    ),
    entry(
        "reddit",
        "Reddit",
        "https://github.com/reddit-archive/reddit/wiki/OAuth2",
        rfc7009("https://www.reddit.com/api/v1/revoke_token", CallAuth::Basic).answers(NO_CONTENT),
    ),
    entry(
        "salesforce",
        "Salesforce",
        "https://help.salesforce.com/s/articleView?id=sf.remoteaccess_revoke_token.htm",
        rfc7009("https://login.salesforce.com/services/oauth2/revoke", CallAuth::None),
    ),
    entry(
        "slack",
        "Slack",
        "https://docs.slack.dev/reference/methods/auth.revoke",
        post("https://slack.com/api/auth.revoke", CallAuth::Bearer, CallBody::None).only(ACCESS).answers(SLACK),
    ),
    without_call("spotify", "Spotify", "https://developer.spotify.com/documentation/web-api/concepts/authorization"),
    entry(
        "strava",
        "Strava",
        "https://developers.strava.com/docs/authentication/#deauthorization",
        rfc7009("https://www.strava.com/oauth/revoke", CallAuth::Basic),
    ),
    entry(
        "twitch",
        "Twitch",
        "https://dev.twitch.tv/docs/authentication/revoke-tokens/",
        rfc7009("https://id.twitch.tv/oauth2/revoke", CallAuth::Post).only(ACCESS).answers(TWITCH),
    ),
    entry(
        "x",
        "X",
        "https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/user-access-token",
        rfc7009("https://api.x.com/2/oauth2/revoke", CallAuth::Basic),
    ),
    entry(
        "xero",
        "Xero",
        "https://developer.xero.com/documentation/guides/oauth2/auth-flow/",
        rfc7009("https://identity.xero.com/connect/revocation", CallAuth::Basic).only(REFRESH),
    ),
    entry(
        "zoom",
        "Zoom",
        "https://developers.zoom.us/docs/integrations/oauth/",
        rfc7009("https://zoom.us/oauth/revoke", CallAuth::Basic).only(ACCESS).answers(ZOOM),
    ),
];

/// The provider of the catalogue with this slug.
///
/// ```
/// use hookswitch::upstream::catalogue;
/// let google = catalogue::find(&"google".parse().unwrap()).unwrap();
/// assert_eq!(google.name, "Google");
/// ```
#[must_use]
pub fn find(slug: &Slug) -> Option<Provider> {
    CATALOGUE.iter().find(|entry| entry.slug == slug.as_str()).map(CatalogueEntry::provider)
}

/// Every provider of the catalogue.
pub fn all() -> impl Iterator<Item = Provider> {
    CATALOGUE.iter().map(CatalogueEntry::provider)
}

impl CatalogueEntry {
    fn provider(&self) -> Provider {
        Provider {
            slug: Slug::stored(self.slug.to_owned()),
            name: self.name.to_owned(),
            revocation: self.call.map(|call| ProviderCall {
                method: call.method,
                url: call.url.to_owned(),
                auth: call.auth,
                body: call.body,
                parameter: call.parameter.to_owned(),
                tokens: call.tokens.to_vec(),
                gone_errors: call.gone_errors.iter().map(|&error| error.to_owned()).collect(),
                gone_statuses: Vec::new(),
                headers: call.headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
                answers: call.answers.iter().map(CatalogueRule::rule).collect(),
            }),
            client_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_complete_and_sorted_by_slug() {
        let slugs: Vec<_> = CATALOGUE.iter().map(|entry| entry.slug).collect();
        assert!(slugs.is_sorted() && slugs.len() >= 20, "{slugs:?}");
        for entry in CATALOGUE {
            let slug = entry.slug.parse();
            assert!(slug.is_ok() && entry.source.starts_with("https://"), "{entry:?}");
            let call = slug.ok().and_then(|slug| find(&slug)).and_then(|provider| provider.revocation);
            assert!(call.is_none_or(|call| call.url.starts_with("https://") && !call.tokens.is_empty()), "{entry:?}");
        }
    }
}
