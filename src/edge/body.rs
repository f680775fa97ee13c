//! Reading a request's body, and no more of it than there may be.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, Request};

/// Reads the body; none, where it is longer than `max` bytes. Whether its length was said and is known to be within
/// bounds makes it one step instead of one for each chunk.
pub(super) async fn read(request: &Request, length_known: bool, max: usize) -> Result<Option<Vec<u8>>, JsValue> {
    if length_known {
        let body = JsFuture::from(request.array_buffer()?).await?;
        return Ok(Some(Uint8Array::new(&body).to_vec()));
    }
    let Some(stream) = request.body() else {
        return Ok(Some(Vec::new()));
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut body = Vec::new();
    loop {
        let step = JsFuture::from(reader.read()).await?;
        if Reflect::get(&step, &"done".into())? == JsValue::TRUE {
            return Ok(Some(body));
        }
        let chunk: Uint8Array = Reflect::get(&step, &"value".into())?.dyn_into()?;
        body.extend(chunk.to_vec());
        if body.len() > max {
            return Ok(None);
        }
    }
}
