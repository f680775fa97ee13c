//! Redirect URIs of apps and tokens.

use std::str::FromStr;

use crate::core::{Rule, redirect_uri};

/// An absolute URI without a fragment (RFC 6749 §3.1.2), and with no scheme that a browser would execute.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct RedirectUri(#[cfg_attr(feature = "openapi", schemars(length(max = 2048)))] pub(super) String);

impl FromStr for RedirectUri {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        redirect_uri::check(text).map(|()| Self(text.to_owned()))
    }
}
