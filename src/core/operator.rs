//! What belongs to no user: providers, webhook endpoints, and revocations that somebody has to look at. All of it is in
//! one ledger, the operator's.

use super::credential::Sealed;
use super::event::EventType;
use super::ids::Slug;
use super::order::Page;
use super::pack::packed;
use super::provider::{Provider, Stored};
use super::revocation::Revocation;
use super::webhook::{Delivery, Endpoint};

/// What an operator says of a webhook endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointOrder {
    /// Its name.
    pub name: Slug,
    /// Where to.
    pub url: String,
    /// What is told; everything, where nothing is said.
    pub events: Vec<EventType>,
    /// Whether nothing is to be sent to it.
    pub disabled: bool,
    /// What signs: the one that was brought along, or a fresh one.
    pub secret: Sealed,
    /// Whether it was brought along: then it takes the place of the one before, too.
    pub replaces: bool,
}

packed!(struct EndpointOrder { name, url, events, disabled, secret, replaces });

/// What is asked of the operator's ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorCommand {
    /// Says what a provider is, with the client secret, or without a new one.
    PutProvider(Provider, Option<Sealed>),
    /// What a provider is.
    GetProvider(Slug),
    /// All providers that were put.
    ListProviders,
    /// Takes back what was said of a provider.
    DeleteProvider(Slug),
    /// Says what an endpoint is.
    PutEndpoint(EndpointOrder),
    /// Gives an endpoint another secret; the one before signs beside it for so many seconds.
    RotateSecret(Slug, Sealed, u32),
    /// What an endpoint is.
    GetEndpoint(Slug),
    /// All endpoints.
    ListEndpoints,
    /// Takes an endpoint away.
    DeleteEndpoint(Slug),
    /// What was sent to an endpoint lately.
    ListDeliveries(Slug, Page),
    /// The revocations that could not be completed.
    ListAbandoned(Page),
}

packed!(enum OperatorCommand {
    0 => PutProvider(a, b),
    1 => GetProvider(a),
    2 => ListProviders,
    3 => DeleteProvider(a),
    4 => PutEndpoint(a),
    5 => RotateSecret(a, b, c),
    6 => GetEndpoint(a),
    7 => ListEndpoints,
    8 => DeleteEndpoint(a),
    9 => ListDeliveries(a, b),
    10 => ListAbandoned(a),
});

/// What the operator's ledger shows for one command.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The providers that were put: the one that the command names, or all.
    pub providers: Vec<Stored>,
    /// All endpoints.
    pub endpoints: Vec<Endpoint>,
    /// The page of deliveries that the command lists, each with its place.
    pub deliveries: Vec<(u64, Delivery)>,
    /// The page of revocations that the command lists, each with its place.
    pub abandoned: Vec<(u64, Revocation)>,
}

/// One thing for the operator's ledger to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorChange {
    /// Make the provider, or replace it.
    PutProvider(Stored),
    /// Take the provider away.
    DeleteProvider(Slug),
    /// Make the endpoint, or replace it.
    PutEndpoint(Endpoint),
    /// Take the endpoint away, with what was sent to it.
    DeleteEndpoint(Slug),
}

/// What came of a command to the operator's ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorOutcome {
    /// The provider that was put, and whether it was put for the first time; none, where nothing was put.
    Provider(Option<Stored>, bool),
    /// The providers that were put.
    Providers(Vec<Stored>),
    /// It is not there any more.
    Deleted,
    /// The endpoint, and whether it was made just now.
    Endpoint(Endpoint, bool),
    /// The endpoint with a new secret that is to be shown, and whether the endpoint was made just now.
    EndpointWithSecret(Endpoint, bool),
    /// The endpoints.
    Endpoints(Vec<Endpoint>),
    /// A page of deliveries, and the place to go on from.
    Deliveries(Vec<Delivery>, Option<u64>),
    /// A page of revocations, and the place to go on from.
    Abandoned(Vec<Revocation>, Option<u64>),
}

packed!(enum OperatorOutcome {
    0 => Provider(a, b),
    1 => Providers(a),
    2 => Deleted,
    3 => Endpoint(a, b),
    4 => EndpointWithSecret(a, b),
    5 => Endpoints(a),
    6 => Deliveries(a, b),
    7 => Abandoned(a, b),
});
