//! The public, documented revocation calls of well-known providers. An operator can put another in the place of each.
//!
//! Each names its source: the provider's own documentation, which is where to look when an answer surprises.

use crate::core::ids::Slug;
use crate::core::provider::{Auth, Body, Method, Provider, Revocation, TokenType};

/// A provider as it ships.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its name in the API.
    pub slug: &'static str,
    /// What people know it as.
    pub name: &'static str,
    /// Where its call is documented. The Worker has no use for it, and it would be a kilobyte of it.
    #[cfg(test)]
    pub source: &'static str,
    call: Option<Shape>,
}

/// The shape of a call.
#[derive(Clone, Copy, Debug)]
struct Shape {
    method: Method,
    url: &'static str,
    auth: Auth,
    body: Body,
    parameter: &'static str,
    tokens: &'static [TokenType],
    gone: &'static [&'static str],
    gone_statuses: &'static [u32],
}

const BOTH: &[TokenType] = &[TokenType::RefreshToken, TokenType::AccessToken];
const REFRESH: &[TokenType] = &[TokenType::RefreshToken];
const ACCESS: &[TokenType] = &[TokenType::AccessToken];

/// A call as RFC 7009 has it.
const fn rfc7009(url: &'static str, auth: Auth) -> Shape {
    Shape {
        method: Method::Rfc7009,
        url,
        auth,
        body: Body::Form,
        parameter: "token",
        tokens: BOTH,
        gone: &["invalid_token"],
        gone_statuses: &[],
    }
}

/// A POST of the provider's own.
const fn post(url: &'static str, auth: Auth, body: Body) -> Shape {
    Shape { method: Method::Post, body, ..rfc7009(url, auth) }
}

impl Shape {
    const fn of(self, tokens: &'static [TokenType]) -> Self {
        Self { tokens, ..self }
    }

    const fn gone(self, gone: &'static [&'static str], gone_statuses: &'static [u32]) -> Self {
        Self { gone, gone_statuses, ..self }
    }

    const fn parameter(self, parameter: &'static str) -> Self {
        Self { parameter, ..self }
    }

    const fn method(self, method: Method) -> Self {
        Self { method, ..self }
    }
}

const fn known(slug: &'static str, name: &'static str, source: &'static str, call: Shape) -> Known {
    Known { call: Some(call), ..without(slug, name, source) }
}

/// A provider that documents no way to revoke what it granted.
#[cfg_attr(not(test), allow(unused_variables))]
const fn without(slug: &'static str, name: &'static str, source: &'static str) -> Known {
    Known {
        slug,
        name,
        #[cfg(test)]
        source,
        call: None,
    }
}

/// Those that ship.
pub const CATALOGUE: &[Known] = &[
    known(
        "apple",
        "Apple",
        "https://developer.apple.com/documentation/sign_in_with_apple/revoke_tokens",
        rfc7009("https://appleid.apple.com/auth/revoke", Auth::Post),
    ),
    known(
        "asana",
        "Asana",
        "https://developers.asana.com/docs/oauth#token-deauthorization-endpoint",
        rfc7009("https://app.asana.com/-/oauth_revoke", Auth::Post).of(REFRESH),
    ),
    without("atlassian", "Atlassian", "https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/"),
    without(
        "bitbucket",
        "Bitbucket",
        "https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
    ),
    known(
        "box",
        "Box",
        "https://developer.box.com/reference/post-oauth2-revoke/",
        rfc7009("https://api.box.com/oauth2/revoke", Auth::Post),
    ),
    known(
        "discord",
        "Discord",
        "https://discord.com/developers/docs/topics/oauth2",
        rfc7009("https://discord.com/api/oauth2/token/revoke", Auth::Basic),
    ),
    known(
        "dropbox",
        "Dropbox",
        "https://www.dropbox.com/developers/documentation/http/documentation#auth-token-revoke",
        post("https://api.dropboxapi.com/2/auth/token/revoke", Auth::Bearer, Body::None).of(ACCESS).gone(&[], &[401]),
    ),
    known(
        "facebook",
        "Facebook",
        "https://developers.facebook.com/docs/facebook-login/guides/permissions/request-revoke",
        post("https://graph.facebook.com/me/permissions", Auth::None, Body::Query)
            .method(Method::Delete)
            .parameter("access_token")
            .of(ACCESS)
            .gone(&[], &[400]),
    ),
    known(
        "fitbit",
        "Fitbit",
        "https://dev.fitbit.com/build/reference/web-api/authorization/revoke-token/",
        rfc7009("https://api.fitbit.com/oauth2/revoke", Auth::Basic),
    ),
    known(
        "github",
        "GitHub",
        "https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-token",
        post("https://api.github.com/applications/{client_id}/token", Auth::Basic, Body::Json)
            .method(Method::Delete)
            .parameter("access_token")
            .of(ACCESS)
            .gone(&[], &[404, 422]),
    ),
    known(
        "gitlab",
        "GitLab",
        "https://docs.gitlab.com/api/oauth2/#revoke-a-token",
        rfc7009("https://gitlab.com/oauth/revoke", Auth::Post),
    ),
    known(
        "google",
        "Google",
        "https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke",
        rfc7009("https://oauth2.googleapis.com/revoke", Auth::None),
    ),
    known(
        "hubspot",
        "HubSpot",
        "https://developers.hubspot.com/docs/api/oauth-tokens",
        post("https://api.hubapi.com/oauth/v1/refresh-tokens/{token}", Auth::None, Body::None)
            .method(Method::Delete)
            .of(REFRESH)
            .gone(&[], &[404]),
    ),
    known(
        "linear",
        "Linear",
        "https://linear.app/developers/oauth-2-0-authentication",
        rfc7009("https://api.linear.app/oauth/revoke", Auth::None),
    ),
    known(
        "linkedin",
        "LinkedIn",
        "https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection",
        rfc7009("https://www.linkedin.com/oauth/v2/revoke", Auth::Post),
    ),
    without("microsoft", "Microsoft", "https://learn.microsoft.com/en-us/entra/identity-platform/refresh-tokens"),
    known(
        "notion",
        "Notion",
        "https://developers.notion.com/reference/revoke-token",
        post("https://api.notion.com/v1/oauth/revoke", Auth::Basic, Body::Json),
    ),
    known(
        "pipedrive",
        "Pipedrive",
        "https://pipedrive.readme.io/docs/marketplace-oauth-authorization",
        rfc7009("https://oauth.pipedrive.com/oauth/revoke", Auth::Basic),
    ),
    known(
        "quickbooks",
        "QuickBooks",
        "https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0",
        post("https://developer.api.intuit.com/v2/oauth2/tokens/revoke", Auth::Basic, Body::Json),
    ),
    known(
        "reddit",
        "Reddit",
        "https://github.com/reddit-archive/reddit/wiki/OAuth2",
        rfc7009("https://www.reddit.com/api/v1/revoke_token", Auth::Basic),
    ),
    known(
        "salesforce",
        "Salesforce",
        "https://help.salesforce.com/s/articleView?id=sf.remoteaccess_revoke_token.htm",
        rfc7009("https://login.salesforce.com/services/oauth2/revoke", Auth::None),
    ),
    known(
        "slack",
        "Slack",
        "https://docs.slack.dev/reference/methods/auth.revoke",
        post("https://slack.com/api/auth.revoke", Auth::Bearer, Body::None)
            .of(ACCESS)
            .gone(&["token_revoked", "invalid_auth", "account_inactive", "token_expired"], &[]),
    ),
    without("spotify", "Spotify", "https://developer.spotify.com/documentation/web-api/concepts/authorization"),
    known(
        "strava",
        "Strava",
        "https://developers.strava.com/docs/authentication/#deauthorization",
        post("https://www.strava.com/oauth/deauthorize", Auth::None, Body::Form)
            .parameter("access_token")
            .of(ACCESS)
            .gone(&[], &[401]),
    ),
    known(
        "twitch",
        "Twitch",
        "https://dev.twitch.tv/docs/authentication/revoke-tokens/",
        rfc7009("https://id.twitch.tv/oauth2/revoke", Auth::Post).of(ACCESS).gone(&[], &[400]),
    ),
    known(
        "x",
        "X",
        "https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/user-access-token",
        rfc7009("https://api.x.com/2/oauth2/revoke", Auth::Basic),
    ),
    known(
        "xero",
        "Xero",
        "https://developer.xero.com/documentation/guides/oauth2/auth-flow/",
        rfc7009("https://identity.xero.com/connect/revocation", Auth::Basic).of(REFRESH),
    ),
    known(
        "zoom",
        "Zoom",
        "https://developers.zoom.us/docs/integrations/oauth/",
        rfc7009("https://zoom.us/oauth/revoke", Auth::Basic).of(ACCESS),
    ),
];

/// The provider of this name, as it ships.
#[must_use]
pub fn find(slug: &Slug) -> Option<Provider> {
    CATALOGUE.iter().find(|known| known.slug == slug.as_str()).map(Known::provider)
}

/// Every provider, as it ships.
pub fn all() -> impl Iterator<Item = Provider> {
    CATALOGUE.iter().map(Known::provider)
}

impl Known {
    fn provider(&self) -> Provider {
        Provider {
            slug: Slug::stored(self.slug.to_owned()),
            name: self.name.to_owned(),
            revocation: self.call.map(|call| Revocation {
                method: call.method,
                url: call.url.to_owned(),
                auth: call.auth,
                body: call.body,
                parameter: call.parameter.to_owned(),
                tokens: call.tokens.to_vec(),
                gone: call.gone.iter().map(|&error| error.to_owned()).collect(),
                gone_statuses: call.gone_statuses.to_vec(),
            }),
            client_id: None,
        }
    }
}
