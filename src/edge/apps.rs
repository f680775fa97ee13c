//! Apps' registrations, as an isolate remembers them: for 10 seconds at most.

use super::execute::Executor;
use super::memory::{self, Recalled};
use crate::core::{App, AppId, Digest, Principal, Refusal};
use crate::dialects::Failure;

impl Executor<'_> {
    /// The apps of these ids that there are. Their ledgers work at once.
    ///
    /// # Errors
    /// [`Failure::Unavailable`].
    pub(super) async fn apps(&self, ids: &[&AppId]) -> Result<Vec<App>, Failure> {
        let mut found = Vec::new();
        let mut pending = Vec::new();
        for app_id in ids {
            match memory::app(app_id, self.now) {
                Recalled::Known(app) => found.extend(app),
                Recalled::Unknown => pending.push((*app_id, self.ledgers.app(app_id))),
            }
        }
        for (app_id, pending) in pending {
            let app: Option<App> = pending.await?;
            memory::remember_app(app_id, app.as_ref(), self.now);
            found.extend(app);
        }
        Ok(found)
    }

    /// The app that a client is, if it proves that it is it.
    ///
    /// # Errors
    /// [`Refusal::ClientInvalid`], [`Failure::Unavailable`].
    pub(super) async fn admit(&self, app_id: AppId, secret: Option<&Digest>) -> Result<(Principal, App), Failure> {
        match self.apps(&[&app_id]).await?.pop() {
            Some(app) if app.admits(secret, self.now) => Ok((Principal::App(app_id), app)),
            _ => Err(Refusal::ClientInvalid.into()),
        }
    }
}
