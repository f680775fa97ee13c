//! Handlers: async functions with extractors as arguments.

use std::marker::PhantomData;

use futures_util::future::LocalBoxFuture;

use super::extract::Extract;
use super::request::HttpRequest;
use super::respond::Respond;
use super::response::HttpResponse;
use super::route::Input;
use super::validator::Validator;
use crate::operations::{ApiError, Context};

/// The future of a handler's response.
pub type ResponseFuture<'a> = LocalBoxFuture<'a, Result<HttpResponse, ApiError>>;

/// An async function that answers a request: `async fn(&Context<'_>, …extractors…) -> Result<impl Respond, ApiError>`.
///
/// `Args` distinguishes functions with different extractors. All violations of all extractors are reported together.
pub trait Handler<Args>: Send + Sync + 'static {
    /// The parts of the request that the extractors read.
    const INPUT: Input;

    /// Answers a request.
    fn call<'a>(&'a self, cx: &'a Context<'a>, request: &'a HttpRequest<'a>) -> ResponseFuture<'a>;

    /// Adds extractors and result to the description of the API.
    #[cfg(feature = "openapi")]
    fn describe(spec: &mut super::describe::Spec<'_>);
}

macro_rules! impl_handler {
    ($($argument:ident),*) => {
        impl<F, R, $($argument,)*> Handler<(R, $($argument,)*)> for F
        where
            F: for<'a> AsyncFn(&'a Context<'a>, $($argument),*) -> Result<R, ApiError> + Send + Sync + 'static,
            R: Respond,
            $($argument: Extract,)*
        {
            const INPUT: Input = Input::NOTHING$(.and($argument::INPUT))*;

            #[allow(non_snake_case, unused_mut, reason = "a macro for any number of extractors")]
            fn call<'a>(&'a self, cx: &'a Context<'a>, request: &'a HttpRequest<'a>) -> ResponseFuture<'a> {
                Box::pin(async move {
                    let mut check = Validator::new(request);
                    $(let $argument = $argument::extract(request, &mut check)?;)*
                    check.into_violations().check()?;
                    $(let $argument = $argument.ok_or(ApiError::Internal("an extractor lost its violation"))?;)*
                    Ok(self(cx, $($argument),*).await?.respond())
                })
            }

            #[cfg(feature = "openapi")]
            #[allow(unused_variables, reason = "a macro for any number of extractors")]
            fn describe(spec: &mut super::describe::Spec<'_>) {
                $($argument::describe(spec);)*
                R::describe(spec);
            }
        }
    };
}

impl_handler!();
impl_handler!(A);
impl_handler!(A, B);
impl_handler!(A, B, C);

/// A handler whose extractors are known.
pub(super) trait AnyHandler: Send + Sync {
    /// Answers a request.
    fn call<'a>(&'a self, cx: &'a Context<'a>, request: &'a HttpRequest<'a>) -> ResponseFuture<'a>;
}

/// A handler with its extractors.
pub(super) struct Typed<H, Args>(pub(super) H, pub(super) PhantomData<fn(Args)>);

impl<Args: 'static, H: Handler<Args>> AnyHandler for Typed<H, Args> {
    fn call<'a>(&'a self, cx: &'a Context<'a>, request: &'a HttpRequest<'a>) -> ResponseFuture<'a> {
        self.0.call(cx, request)
    }
}
