//! Apps: put, and given secrets.

use super::Case;
use crate::core::answer::Outcome;
use crate::core::app::{App, ClientType, Registration};
use crate::core::ids::AppId;
use crate::core::refusal::Refusal;
use crate::core::view::{Change, Writes};

impl Case<'_> {
    /// The app whose ledger it is.
    pub(super) fn app(&self, app_id: &AppId) -> Result<&App, Refusal> {
        match &self.view.app {
            Some(app) if app.app_id == *app_id => Ok(app),
            Some(_) => Err(Refusal::Corrupt),
            None => Err(Refusal::AppUnknown),
        }
    }

    pub(super) fn put_app(
        &self,
        app_id: &AppId,
        registration: &Registration,
        writes: &mut Writes,
    ) -> Result<Outcome, Refusal> {
        let before = self.view.app.as_ref().map(|_| self.app(app_id)).transpose()?;
        if let Some(app) = before.filter(|app| app.registration == *registration) {
            return Ok(Outcome::App(app.clone(), false));
        }
        let confidential = registration.client_type == ClientType::Confidential;
        let kept = before.filter(|app| confidential && app.secret.is_some());
        let fresh = self.request.minting.client_secret.clone();
        let app = App {
            app_id: app_id.clone(),
            registration: registration.clone(),
            secret: match kept {
                Some(app) => app.secret.clone(),
                None => confidential.then_some(fresh).flatten(),
            },
            previous_secret: kept.and_then(|app| app.previous_secret.clone()),
            created_at: before.map_or(self.now, |app| app.created_at),
            updated_at: self.now,
        };
        writes.changes.push(Change::PutApp(app.clone()));
        let made = before.is_none();
        Ok(if confidential && kept.is_none() { Outcome::AppWithSecret(app, made) } else { Outcome::App(app, made) })
    }

    /// Gives the app a new secret; the one before stays good for so many seconds.
    pub(super) fn rotate_secret(&self, app_id: &AppId, ttl: u32, writes: &mut Writes) -> Result<Outcome, Refusal> {
        let before = self.app(app_id)?;
        if before.registration.client_type == ClientType::Public {
            return Err(Refusal::AppIsPublic);
        }
        let until = self.now.plus_seconds(i64::from(ttl));
        let mut app = before.clone();
        let replaced = std::mem::replace(&mut app.secret, self.request.minting.client_secret.clone());
        app.previous_secret = replaced.filter(|_| ttl > 0).map(|secret| (secret, until));
        app.updated_at = self.now;
        writes.changes.push(Change::PutApp(app.clone()));
        Ok(Outcome::AppWithSecret(app, false))
    }
}
