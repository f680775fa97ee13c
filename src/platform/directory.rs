//! The directory in D1: [`Directory`] over the binding `DIRECTORY`.

use futures_util::future::LocalBoxFuture;
use js_sys::{Array, Promise, Reflect};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use crate::directory::{Directory, DirectoryError, Row, Statement, Value};

/// The name of the binding.
const BINDING: &str = "DIRECTORY";

#[wasm_bindgen]
extern "C" {
    /// A D1 database.
    type Database;

    #[wasm_bindgen(method, catch)]
    fn prepare(this: &Database, sql: &str) -> Result<PreparedStatement, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn batch(this: &Database, statements: &Array) -> Result<Promise, JsValue>;

    /// A statement of D1.
    type PreparedStatement;

    #[wasm_bindgen(method, catch, variadic)]
    fn bind(this: &PreparedStatement, values: &Array) -> Result<PreparedStatement, JsValue>;
}

/// The directory in D1.
pub(crate) struct D1Directory {
    env: Env,
}

impl D1Directory {
    pub(crate) fn new(env: &Env) -> Self {
        Self { env: env.clone() }
    }

    async fn run(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, JsValue> {
        let database = Reflect::get(&self.env, &BINDING.into())?;
        if database.is_undefined() {
            return Err(js_sys::Error::new("the binding DIRECTORY is missing").into());
        }
        let database: Database = database.unchecked_into();
        let prepared = Array::new();
        for Statement { sql, binds } in statements {
            let values: Array = binds.iter().map(to_js).collect();
            let statement: JsValue = database.prepare(&sql)?.bind(&values)?.into();
            prepared.push(&statement);
        }
        let results = JsFuture::from(database.batch(&prepared)?).await?;
        let text = String::from(js_sys::JSON::stringify(&results)?);
        let results: Vec<StatementResult> =
            serde_json::from_str(&text).map_err(|_| js_sys::Error::new("the result of D1 is not readable"))?;
        Ok(results.into_iter().map(|result| result.results).collect())
    }
}

/// The part of D1's result of a statement that is read.
#[derive(Deserialize)]
struct StatementResult {
    #[serde(default)]
    results: Vec<Row>,
}

impl Directory for D1Directory {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Vec<Row>>, DirectoryError>> {
        Box::pin(async move { self.run(statements).await.map_err(|thrown| failure(&thrown)) })
    }
}

fn to_js(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        #[allow(clippy::cast_precision_loss)] // Times and numbers of the directory stay below 2^53.
        Value::Integer(number) => JsValue::from_f64(*number as f64),
        Value::Text(text) => JsValue::from_str(text),
    }
}

/// The error of D1. Its message has no value of a row.
fn failure(thrown: &JsValue) -> DirectoryError {
    let message = thrown.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    DirectoryError::of(&message.unwrap_or_else(|| "D1 threw a value that is no error".to_owned()))
}
