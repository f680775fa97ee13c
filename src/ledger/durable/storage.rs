//! The database of a Durable Object: [`Sql`] over its storage.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use worker::State;
use worker::worker_sys::{DurableObjectStorage, SqlStorage};

use crate::ledger::error::StorageError;
use crate::ledger::sql::{Bind, Rows, Sql, Value};

#[wasm_bindgen(module = "/src/ledger/durable/exec.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn run(sql: &SqlStorage, statement: &str, binds: &Array) -> Result<Array, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// The database of an object, with its size, which the `worker` crate does not bind here.
    type SizedStorage;

    /// The size of the database, in bytes.
    #[wasm_bindgen(method, getter, js_name = databaseSize)]
    fn database_size(this: &SizedStorage) -> f64;

    /// The storage of an object, with the call that the `worker` crate does not bind.
    type TransactionalStorage;

    /// Runs `body` in one transaction, which is rolled back if `body` throws.
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &TransactionalStorage,
        body: &mut dyn FnMut() -> Result<(), JsValue>,
    ) -> Result<JsValue, JsValue>;
}

/// The database of a Durable Object.
pub(super) struct DurableSql {
    storage: DurableObjectStorage,
    sql: SqlStorage,
}

impl DurableSql {
    pub(super) fn of(state: &State) -> Result<Self, JsValue> {
        let storage = state.as_raw().storage()?;
        Ok(Self { sql: storage.sql(), storage })
    }

    /// The storage, which also has the alarm.
    pub(super) const fn storage(&self) -> &DurableObjectStorage {
        &self.storage
    }
}

impl Sql for DurableSql {
    fn run(&self, statement: &str, binds: &[Bind<'_>]) -> Result<Rows, StorageError> {
        let binds: Array = binds.iter().map(to_js).collect();
        let answer = run(&self.sql, statement, &binds).map_err(|error| database_error(&error))?;
        let columns = from_js(&answer.get(0), 0)?;
        let Value::Integer(columns) = columns else {
            return Err(StorageError::Database("the number of columns is missing".to_owned()));
        };
        let columns = usize::try_from(columns).unwrap_or(1).max(1);
        let changed = answer.get(1).is_truthy();
        let values = (2..answer.length()).zip((0..columns).cycle());
        let values = values.map(|(index, column)| from_js(&answer.get(index), column)).collect::<Result<_, _>>()?;
        Ok(Rows::new(columns, values, changed))
    }

    fn size(&self) -> Result<u64, StorageError> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A number of bytes, below 2^53.
        Ok(self.sql.unchecked_ref::<SizedStorage>().database_size() as u64)
    }

    fn transaction(&self, body: &mut dyn FnMut() -> Result<(), StorageError>) -> Result<(), StorageError> {
        let mut failure = None;
        let outcome = self.storage.unchecked_ref::<TransactionalStorage>().transaction_sync(&mut || {
            body().map_err(|error| {
                failure = Some(error);
                JsValue::UNDEFINED
            })
        });
        match (outcome, failure) {
            (Ok(_), None) => Ok(()),
            (_, Some(error)) => Err(error),
            (Err(thrown), None) => Err(database_error(&thrown)),
        }
    }
}

fn to_js(bind: &Bind<'_>) -> JsValue {
    match bind {
        Bind::Null => JsValue::NULL,
        #[allow(clippy::cast_precision_loss)] // Numbers in ledgers stay below 2^53.
        Bind::Integer(number) => JsValue::from_f64(*number as f64),
        Bind::Text(text) => JsValue::from_str(text),
    }
}

fn from_js(value: &JsValue, column: usize) -> Result<Value, StorageError> {
    if let Some(text) = value.as_string() {
        return Ok(Value::Text(text));
    }
    if let Some(number) = value.as_f64() {
        #[allow(clippy::cast_possible_truncation)] // Numbers in ledgers are whole and stay below 2^53.
        return Ok(Value::Integer(number as i64));
    }
    if value.is_null() { Ok(Value::Null) } else { Err(StorageError::Column { column, expected: "a number or a text" }) }
}

/// A value that JavaScript threw, as an error of the database.
pub(super) fn database_error(thrown: &JsValue) -> StorageError {
    let message = thrown.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    StorageError::Database(message.unwrap_or_else(|| "the platform threw a value that is no error".to_owned()))
}
