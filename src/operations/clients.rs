//! The clients of authorization requests: registered apps, and clients that are known by their URL.
//!
//! The document of a client at a URL counts until a user approves the client. Then the registry stores it: it counts at the
//! token endpoint until a user approves another version. So a document that changes or disappears changes no live connection.

use super::app_lookup;
use super::config::UrlClients;
use super::context::Context;
use super::documents;
use super::error::ApiError;
use crate::core::app::{AppSource, ClientKeys};
use crate::core::client_document::{self, LENGTH_MAX};
use crate::core::decide::apps::PutDocumentApp;
use crate::core::{App, AppId, Principal, Rule};
use crate::upstream::address::{check, host_of};

/// The client with this id, as an authorization request may use it; `None` if there is none.
///
/// 1. An app that an administrator registered.
/// 2. The document at the URL that the id is.
///
/// # Errors
/// [`ApiError::ClientDocument`], or [`ApiError::Unavailable`].
pub(super) async fn find(cx: &Context<'_>, app_id: &AppId) -> Result<Option<App>, ApiError> {
    let registered = app_lookup::find(cx, app_id).await?;
    match registered {
        Some(app) if app.source == AppSource::Administrator => Ok(Some(app)),
        known if is_url(cx, app_id) => Ok(Some(read(cx, app_id, known).await?)),
        _ => Ok(None),
    }
}

/// Whether an id is the URL of a document that the deployment may fetch.
fn is_url(cx: &Context<'_>, app_id: &AppId) -> bool {
    let (url, settings) = (app_id.as_str(), &cx.config.settings);
    settings.url_clients == UrlClients::Accepted
        && check(url, settings.environment).is_ok()
        && client_document::has_document_path(url)
}

/// Reads the document of a client.
async fn read(cx: &Context<'_>, app_id: &AppId, known: Option<App>) -> Result<App, ApiError> {
    let (url, settings) = (app_id.as_str(), &cx.config.settings);
    let document = documents::get(cx, url, LENGTH_MAX).await;
    let document = document.map_err(|problem| ApiError::ClientDocument(Rule::new(problem.to_string())))?;
    let host = host_of(url).unwrap_or_default();
    let registration = client_document::read(&document.text, url, host, &settings.scopes);
    let registration = registration.map_err(ApiError::ClientDocument)?;
    if let Some(ClientKeys::Uri(uri)) = &registration.keys {
        let rule = "must have an https URL of a public host as jwks_uri";
        check(uri, settings.environment).map_err(|_| ApiError::ClientDocument(Rule::new(rule)))?;
    }
    Ok(App {
        app_id: app_id.clone(),
        registration,
        source: AppSource::Document,
        secret: None,
        previous_secret: None,
        created_at: known.map_or(document.fetched_at, |app| app.created_at),
        updated_at: document.fetched_at,
    })
}

/// Registers a client that is known by its URL, after a user has approved it.
///
/// # Errors
/// [`ApiError::Unavailable`].
pub(super) async fn register(cx: &Context<'_>, app: &App) -> Result<(), ApiError> {
    if app.source != AppSource::Document {
        return Ok(());
    }
    let put = PutDocumentApp { app_id: app.app_id.clone(), registration: app.registration.clone() };
    let registered = cx.app_registry(&app.app_id).by(Principal::Root).run_plain(put).await?;
    app_lookup::remember(cx, &app.app_id, Some(registered));
    Ok(())
}
