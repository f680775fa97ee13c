//! A Durable Object around the code of a class: messages, the alarm and WebSockets.

use std::rc::Rc;

use wasm_bindgen::{JsError, JsValue};
use wasm_bindgen_futures::future_to_promise;
use web_sys::{Request, Response};
use worker::worker_sys::DurableObjectState;
use worker::{Env, ResponseBuilder, State};

use super::alarm::Alarm;
use super::platform::{self, DurablePlatform, endpoints, jitter, log};
use super::storage::{DurableSql, database_error};
use super::websocket::{Subscribed, Subscribers};
use crate::core::NamedToken;
use crate::core::decide::statuses::ShowStatus;
use crate::core::ticket::{Subscription, TicketSubject};
use crate::core::ticket_view::TicketView;
use crate::ledger::alarm::{AlarmPlatform, REST_SECONDS, WebhookAction};
use crate::ledger::error::StorageError;
use crate::ledger::settings::{LedgerContext, LedgerSettings};
use crate::ledger::{Answer, Effects, LedgerCode, message};
use crate::platform::clock::now;
use crate::platform::config::configuration;
use crate::platform::ledgers::SUBSCRIPTION_HEADER;

/// How long the alarm waits after an event, in seconds, so that the webhooks of a moment are sent together.
const WEBHOOK_DELAY: i64 = 1;

/// A Durable Object of a class.
pub(super) struct LedgerObject<L> {
    code: L,
    state: State,
    env: Env,
    sql: DurableSql,
    settings: LedgerSettings,
    has_earlier_secrets: bool,
    alarm: Alarm,
    subscribers: Subscribers,
}

impl<L: LedgerCode + Default + 'static> LedgerObject<L> {
    /// The object, as the platform wakes it.
    pub(super) fn new(state: DurableObjectState, env: Env) -> Result<Rc<Self>, JsValue> {
        let state = State::from(state);
        let (settings, has_earlier_secrets) = platform::settings(&env);
        Ok(Rc::new(Self {
            code: L::default(),
            sql: DurableSql::of(&state)?,
            state,
            env,
            settings,
            has_earlier_secrets,
            alarm: Alarm::default(),
            subscribers: Subscribers::new(),
        }))
    }

    /// Answers a message: with the text of the reply, or with its promise if the object has to look at its alarm first.
    pub(super) fn answer(self: &Rc<Self>, message: String) -> Result<JsValue, JsValue> {
        if !self.alarm.is_unknown() {
            return self.respond(&message);
        }
        let this = Rc::clone(self);
        let reply = future_to_promise(async move {
            this.alarm.look(this.sql.storage()).await?;
            this.respond(&message)
        });
        Ok(reply.into())
    }

    /// Nothing is awaited in here: this is the atomic part.
    fn respond(self: &Rc<Self>, message: &str) -> Result<JsValue, JsValue> {
        let answer = self.code.answer(&self.sql, message, &self.context());
        let Answer { reply, effects } = answer.map_err(|error| failure("message failed", &error))?;
        self.follow_up(effects)?;
        Ok(JsValue::from_str(&reply))
    }

    fn context(&self) -> LedgerContext<'_> {
        LedgerContext {
            now: now(),
            jitter: jitter(),
            settings: &self.settings,
            has_earlier_secrets: self.has_earlier_secrets,
        }
    }

    /// Sets the alarm for a write, and notifies the subscribers.
    fn follow_up(self: &Rc<Self>, effects: Effects) -> Result<(), JsValue> {
        let mut alarm_by = effects.alarm_by;
        if effects.has_events {
            match endpoints().action(now(), &self.settings) {
                WebhookAction::None => {}
                WebhookAction::Ring => {
                    let delivery = now().plus_seconds(WEBHOOK_DELAY);
                    alarm_by = Some(alarm_by.map_or(delivery, |at| at.min(delivery)));
                }
                WebhookAction::Refresh => self.refresh_endpoints(),
            }
        }
        if let Some(at) = alarm_by {
            self.alarm.ring_by(self.sql.storage(), at)?;
        }
        if effects.changed_status {
            self.notify_subscribers();
        }
        Ok(())
    }

    /// Reads the webhook endpoints again after the answer, and sets the alarm if one is enabled now.
    fn refresh_endpoints(self: &Rc<Self>) {
        let this = Rc::clone(self);
        self.state.wait_until(async move {
            let notify = || {};
            let platform = DurablePlatform::new(&this.env, &notify);
            let outcome = match endpoints().read(&platform, &this.settings).await {
                Ok(_) if endpoints().action(now(), &this.settings) == WebhookAction::Ring => {
                    this.alarm.ring_by(this.sql.storage(), now()).map_err(|thrown| database_error(&thrown))
                }
                Ok(_) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                log("webhook endpoints could not be read", None, &error);
            }
        });
    }

    /// Runs the jobs of the alarm.
    ///
    /// # Errors
    /// If the next alarm cannot be set. The platform repeats an alarm that fails, but only a few times, so every other
    /// failure is handled here: the alarm rings again after a rest.
    pub(super) async fn ring(self: Rc<Self>) -> Result<(), JsValue> {
        self.alarm.rings();
        let notify = || self.notify_subscribers();
        let platform = DurablePlatform::new(&self.env, &notify);
        let expiry = self.subscribers.expire(&self.state, platform.now());
        let expiry = expiry.map_err(|thrown| database_error(&thrown));
        let next = self.code.ring(&self.sql, &platform, &self.settings).await;
        let next = next.and_then(|next| Ok(next.into_iter().chain(expiry?).min()));
        let next = next.unwrap_or_else(|error| {
            log("alarm failed", None, &error);
            Some(platform.now().plus_seconds(REST_SECONDS))
        });
        match next {
            Some(at) => self.alarm.ring_by(self.sql.storage(), at),
            None => Ok(()),
        }
    }

    /// Answers a request for a WebSocket.
    pub(super) async fn upgrade(self: Rc<Self>, request: Request) -> Result<Response, JsValue> {
        self.alarm.look(self.sql.storage()).await?;
        let subscription = request.headers().get(SUBSCRIPTION_HEADER)?.unwrap_or_default();
        let subscription: Subscription =
            message::read("subscription", &subscription).map_err(|error| failure("upgrade failed", &error))?;
        let valid_until = subscription.valid_until;
        let show = |subject: &TicketSubject| self.show(subject);
        let status = match self.subscribers.subscribe(&self.state, subscription, &show, now())? {
            Subscribed::Open(client) => {
                self.alarm.ring_by(self.sql.storage(), valid_until)?;
                let response = ResponseBuilder::new().with_status(101).with_websocket(client).empty();
                return Ok(response.into());
            }
            Subscribed::Refused => 503,
            Subscribed::NotFound => 404,
        };
        Ok(ResponseBuilder::new().with_status(status).empty().into())
    }

    /// The status that a ticket shows.
    fn show(&self, subject: &TicketSubject) -> Result<Option<TicketView>, StorageError> {
        let token = match subject {
            TicketSubject::Connection(_) => None,
            TicketSubject::Token(id) => {
                let config = configuration(&self.env);
                let config =
                    config.map_err(|_| StorageError::Platform("the deployment is misconfigured".to_owned()))?;
                match NamedToken::of(config.keyring.open(id.as_str())) {
                    NamedToken::Known { token, .. } => Some(token),
                    NamedToken::Invalid => return Ok(None),
                }
            }
        };
        self.code.show(&self.sql, ShowStatus { subject: subject.clone(), token }, &self.context())
    }

    /// Sends the current status to the subscribers. If sending fails, the committed answer is still returned.
    fn notify_subscribers(&self) {
        let show = |subject: &TicketSubject| self.show(subject);
        if let Err(thrown) = self.subscribers.notify(&self.state, &show, now()) {
            log("subscribers could not be notified", None, &database_error(&thrown));
        }
    }
}

/// Logs an error and turns it into one of JavaScript.
fn failure(message: &str, error: &StorageError) -> JsValue {
    log(message, None, error);
    JsError::new(&error.to_string()).into()
}
