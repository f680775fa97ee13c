//! Reading a body, and no more of it than there may be.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStream, ReadableStreamDefaultReader, Request};

/// Reads a request's body; none, where it is longer than `max` bytes. Whether its length was said and is known to be
/// within bounds makes it one step instead of one for each chunk.
pub(crate) async fn read(request: &Request, length_known: bool, max: usize) -> Result<Option<Vec<u8>>, JsValue> {
    if length_known {
        let body = JsFuture::from(request.array_buffer()?).await?;
        return Ok(Some(Uint8Array::new(&body).to_vec()));
    }
    let body = stream(request.body(), max).await?;
    Ok((body.len() <= max).then_some(body))
}

/// Reads a stream until it ends, or is longer than `max` bytes.
pub(crate) async fn stream(stream: Option<ReadableStream>, max: usize) -> Result<Vec<u8>, JsValue> {
    let mut body = Vec::new();
    let Some(stream) = stream else {
        return Ok(body);
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    while body.len() <= max {
        let step = JsFuture::from(reader.read()).await?;
        if Reflect::get(&step, &"done".into())? == JsValue::TRUE {
            return Ok(body);
        }
        let chunk: Uint8Array = Reflect::get(&step, &"value".into())?.dyn_into()?;
        body.extend(chunk.to_vec());
    }
    // What is left is not wanted: whoever sends it may stop.
    let _ = reader.cancel();
    Ok(body)
}
