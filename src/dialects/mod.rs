//! One vendor's API each.
//!
//! A dialect reads a [`Call`] into an [`Ask`] and writes what came of it as a [`Reply`]. It decides nothing: who may do
//! what, and what is true of a token, is the core's; and it does no I/O, so it runs natively in a test.
//!
//! A new vendor is one new file here, with its [`Dialect`] as `DIALECT`, and one line in the `dialects!` list below.

#![allow(
    clippy::unnecessary_wraps,
    reason = "a call is read as every other is, also where nothing can be wrong with it"
)]

pub mod ask;
pub mod call;
pub mod failure;
pub mod fields;
pub mod html;
pub mod meaning;
pub mod reply;
pub mod routes;

pub use ask::{
    Accounts, Aliased, Ask, Beside, Context, Credential, Done, Expiry, NewEndpoint, Read, Secret, Upstream, Visit,
    Visitor,
};
pub use call::{Call, Method, Settings};
pub use failure::Failure;
pub use fields::Fields;
pub use reply::Reply;

/// One vendor's API.
#[derive(Debug)]
pub struct Dialect {
    /// Its name, in logs.
    pub name: &'static str,
    /// Paths that start like this are its own, also where it has no such call.
    pub prefixes: &'static [&'static str],
    /// Its calls.
    pub routes: &'static [Route],
    /// Finds out who its callers say they are, where a call has no way of its own.
    pub identify: Identify,
    /// Writes a failure in its own shape, where a call has none of its own.
    pub refuse: Refuse,
}

/// Finds what a request came with to say who makes it.
pub type Identify = fn(&Call) -> Result<Credential, Failure>;
/// Writes a failure.
pub type Refuse = fn(&Failure, &Asked) -> Reply;

/// What a failure has to say of the request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// Its id.
    pub request_id: &'a str,
    /// Whether it came with `Authorization: Basic`.
    pub basic: bool,
    /// Which languages it is to be answered in, as `Accept-Language` has them.
    pub languages: &'a str,
}

/// Finds the fields that a call takes. Fails where they cannot be read at all.
pub type Take = fn(&Call) -> Result<Fields, Failure>;
/// Reads a request. Nothing, where something is wrong with it: the fields remember what.
pub type Parse = fn(&Call, &mut Fields) -> Option<Ask>;
/// Writes what came of it. Fails only where the outcome is none that the call can have.
pub type Render = fn(&Done) -> Result<Reply, Failure>;

/// One call of a dialect.
#[derive(Debug)]
pub struct Route {
    /// The method; a GET is also a HEAD.
    pub method: Method,
    /// The path, with `{name}` for a segment that is a parameter.
    pub path: &'static str,
    /// Finds the fields that it takes.
    pub take: Take,
    /// Reads the request.
    pub parse: Parse,
    /// Writes what came of it.
    pub render: Render,
    /// How it finds out who makes the request, where not as its dialect does.
    pub identify: Option<Identify>,
    /// How it writes a failure, where not as its dialect does.
    pub refuse: Option<Refuse>,
    /// Whether pages of the origins that the operator names may read its answers.
    pub shared: bool,
}

impl Route {
    const fn new(method: Method, path: &'static str, take: Take, parse: Parse, render: Render) -> Self {
        Self { method, path, take, parse, render, identify: None, refuse: None, shared: false }
    }

    /// A call that reads.
    #[must_use]
    pub const fn get(path: &'static str, take: Take, parse: Parse, render: Render) -> Self {
        Self::new(Method::Get, path, take, parse, render)
    }

    /// A call that does something.
    #[must_use]
    pub const fn post(path: &'static str, take: Take, parse: Parse, render: Render) -> Self {
        Self::new(Method::Post, path, take, parse, render)
    }

    /// A call that puts something in its place.
    #[must_use]
    pub const fn put(path: &'static str, take: Take, parse: Parse, render: Render) -> Self {
        Self::new(Method::Put, path, take, parse, render)
    }

    /// A call that takes something away.
    #[must_use]
    pub const fn delete(path: &'static str, take: Take, parse: Parse, render: Render) -> Self {
        Self::new(Method::Delete, path, take, parse, render)
    }

    /// A call that changes a part of something.
    #[must_use]
    pub const fn patch(path: &'static str, take: Take, parse: Parse, render: Render) -> Self {
        Self::new(Method::Patch, path, take, parse, render)
    }

    /// A call for everyone, with an answer that takes nothing to find.
    #[must_use]
    pub const fn open(path: &'static str, parse: Parse) -> Self {
        Self::get(path, path_only, parse, |_| Err(failure::UNEXPECTED)).by(|_| Ok(Credential::Nobody))
    }

    /// What a request asks for.
    ///
    /// # Errors
    /// What is wrong with the request: the first thing that is.
    pub fn ask(&self, call: &Call) -> Result<Ask, Failure> {
        let mut fields = (self.take)(call)?;
        let ask = (self.parse)(call, &mut fields);
        fields.finish();
        fields.check()?;
        ask.ok_or(failure::UNEXPECTED)
    }

    /// The same call, with a way of its own to find out who makes the request.
    #[must_use]
    pub const fn by(mut self, identify: Identify) -> Self {
        self.identify = Some(identify);
        self
    }

    /// The same call, for pages of other origins, too: those that the operator names.
    #[must_use]
    pub const fn shared(mut self) -> Self {
        self.shared = true;
        self
    }

    /// The same call, with words of its own for failures.
    #[must_use]
    pub const fn refusing(mut self, refuse: Refuse) -> Self {
        self.refuse = Some(refuse);
        self
    }
}

/// The fields of a call that takes nothing but its path. What else comes is left alone.
///
/// # Errors
/// None.
pub fn path_only(_: &Call) -> Result<Fields, Failure> {
    Ok(Fields::none())
}

/// Declares the module of each dialect and lists it in [`ALL`].
macro_rules! dialects {
    ($($name:ident),+ $(,)?) => {
        $(pub mod $name;)+

        /// Every dialect. The first one answers for paths that nobody knows.
        pub const ALL: &[&Dialect] = &[$(&$name::DIALECT),+];
    };
}

dialects! {
    native,
    oauth,
    partoo,
    flinks,
    stytch,
    composio,
    connect,
}
