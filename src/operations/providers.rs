//! Providers: the third parties whose credentials connections store.
//!
//! The catalogue has well-known providers. An operator can replace each of them and add others.
//!
//! ```
//! # #[cfg(feature = "in-memory")] {
//! use hookswitch::operations::in_memory::InMemoryDeployment;
//! use hookswitch::operations::providers;
//!
//! let deployment = InMemoryDeployment::new().unwrap();
//! let all = deployment.run(providers::list(&deployment.root())).unwrap().unwrap();
//! assert!(all.iter().any(|view| view.provider().slug.as_str() == "google"));
//! # }
//! ```

use super::caller::Secret;
use super::context::Context;
use super::error::ApiError;
use crate::core::decide::Put;
use crate::core::decide::operator::{
    ApproveProvider, DeleteProvider, GetProvider, ListProviderEvents, ListProviders, PutProvider,
};
use crate::core::params::Page;
use crate::core::provider::{Provider, ProviderEvent, StoredProvider};
use crate::core::{DecisionError, Resource, Slug};
use crate::upstream::catalogue;

/// The configuration of a provider that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderView {
    /// An operator configured the provider.
    Operator(StoredProvider),
    /// The provider is as the catalogue has it.
    Catalogue(Provider),
}

impl ProviderView {
    /// The provider.
    #[must_use]
    pub const fn provider(&self) -> &Provider {
        match self {
            Self::Operator(stored) => &stored.provider,
            Self::Catalogue(provider) => provider,
        }
    }
}

/// Configures a provider. The client secret is encrypted before it leaves the Worker.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn put(
    cx: &Context<'_>,
    provider: Provider,
    client_secret: Option<&Secret>,
) -> Result<Put<StoredProvider>, ApiError> {
    let owner = StoredProvider::seal_owner(&provider.slug);
    let client_secret = client_secret.map(|secret| cx.seal(&owner, secret)).transpose()?;
    let shipped = catalogue::find(&provider.slug);
    cx.operator().run_plain(PutProvider { provider, client_secret, shipped }).await
}

/// Reads a provider.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn get(cx: &Context<'_>, slug: Slug) -> Result<ProviderView, ApiError> {
    let shipped = catalogue::find(&slug);
    match cx.operator().run_plain(GetProvider { slug }).await? {
        Some(stored) => Ok(ProviderView::Operator(stored)),
        None => Ok(ProviderView::Catalogue(shipped.ok_or(DecisionError::NotFound(Resource::Provider))?)),
    }
}

/// Lists all providers by their names.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn list(cx: &Context<'_>) -> Result<Vec<ProviderView>, ApiError> {
    let stored = cx.operator().run_plain(ListProviders {}).await?;
    let is_replaced = |provider: &Provider| stored.iter().any(|stored| stored.provider.slug == provider.slug);
    let shipped = catalogue::all().filter(|provider| !is_replaced(provider)).map(ProviderView::Catalogue);
    let mut providers: Vec<_> = shipped.collect();
    providers.extend(stored.into_iter().map(ProviderView::Operator));
    providers.sort_by(|a, b| a.provider().slug.cmp(&b.provider().slug));
    Ok(providers)
}

/// Deletes the operator's configuration of a provider. A provider of the catalogue is then as the catalogue has it.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn delete(cx: &Context<'_>, slug: Slug) -> Result<(), ApiError> {
    let shipped = catalogue::find(&slug);
    cx.operator().run_plain(DeleteProvider { slug, shipped }).await
}

/// Lets the configuration of a provider apply to the credentials that were stored with earlier ones.
///
/// # Errors
/// [`DecisionError::RootRequired`], another refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn approve(cx: &Context<'_>, slug: Slug) -> Result<StoredProvider, ApiError> {
    cx.operator().run_plain(ApproveProvider { slug }).await
}

/// Lists the events about a provider, newest first.
///
/// # Errors
/// The refusal of the operator's ledger, or [`ApiError::Unavailable`].
pub async fn events(cx: &Context<'_>, command: ListProviderEvents) -> Result<Page<ProviderEvent>, ApiError> {
    cx.operator().run_plain(command).await
}
