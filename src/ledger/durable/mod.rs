//! The Durable Objects: the four classes as wasm-bindgen exports.
//!
//! `src/edge/entry.js` has a JavaScript class in front of each, which the platform wakes. Messages of the Worker and of
//! other ledgers arrive as calls of `answer` over RPC; requests for WebSockets arrive as `fetch`.

mod alarm;
mod object;
mod platform;
mod storage;
mod websocket;

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::Request;
use worker::worker_sys::DurableObjectState;
use worker::{Env, WebSocket};

use self::object::LedgerObject;
use super::app_registry::AppRegistry;
use super::external_ids::ExternalIds;
use super::operator::Operator;
use super::user::UserLedger;

/// Exports the Durable Object of a class under the name of the class.
macro_rules! durable_object {
    ($(#[$doc:meta])* $object:ident, $class:ident, $name:literal) => {
        $(#[$doc])*
        #[wasm_bindgen(js_name = $name)]
        pub struct $object(Rc<LedgerObject<$class>>);

        #[wasm_bindgen(js_class = $name)]
        impl $object {
            /// The object, as the platform wakes it.
            ///
            /// # Errors
            /// The error of the platform, if the object has no storage.
            #[wasm_bindgen(constructor)]
            pub fn new(state: DurableObjectState, env: Env) -> Result<Self, JsValue> {
                LedgerObject::new(state, env).map(Self)
            }

            /// Answers a message with the text of the reply, or with its promise.
            ///
            /// # Errors
            /// If the storage failed. Nothing was written then.
            pub fn answer(&self, message: String) -> Result<JsValue, JsValue> {
                self.0.answer(message)
            }

            /// Answers a request for a WebSocket.
            pub fn fetch(&self, request: Request) -> Promise {
                let object = Rc::clone(&self.0);
                future_to_promise(async move { object.upgrade(request).await.map(JsValue::from) })
            }

            /// Runs what is due.
            pub fn alarm(&self) -> Promise {
                let object = Rc::clone(&self.0);
                future_to_promise(async move { object.ring().await.map(|()| JsValue::UNDEFINED) })
            }

            /// Disconnects a WebSocket that sent a message: the platform answers pings, and nothing else is expected.
            #[wasm_bindgen(js_name = webSocketMessage)]
            pub fn web_socket_message(&self, socket: web_sys::WebSocket) {
                websocket::refuse_message(&WebSocket::from(socket));
            }

            /// Completes the closing of a WebSocket.
            #[wasm_bindgen(js_name = webSocketClose)]
            pub fn web_socket_close(&self, socket: web_sys::WebSocket, code: u16) {
                websocket::complete_close(&WebSocket::from(socket), code);
            }
        }
    };
}

durable_object!(
    /// A user with its tokens and connections.
    UserLedgerObject,
    UserLedger,
    "UserLedger"
);
durable_object!(
    /// The registry of an app.
    AppRegistryObject,
    AppRegistry,
    "AppRegistry"
);
durable_object!(
    /// An external id and the user that has it.
    ExternalIdsObject,
    ExternalIds,
    "ExternalIds"
);
durable_object!(
    /// Providers and webhook endpoints.
    OperatorObject,
    Operator,
    "Operator"
);
