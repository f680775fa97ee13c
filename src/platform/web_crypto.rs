//! Signatures by `WebCrypto`: [`Signatures`].

use futures_util::future::LocalBoxFuture;
use js_sys::{Array, JSON, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto, WorkerGlobalScope};

use crate::core::jwk::{Algorithm, Jwk};
use crate::core::signing_key::PrivateKey;
use crate::operations::platform::{Signatures, SignaturesUnavailable};

/// The cryptography of the platform.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WebCrypto;

impl Signatures for WebCrypto {
    fn generate(&self) -> LocalBoxFuture<'_, Result<PrivateKey, SignaturesUnavailable>> {
        Box::pin(async move { generate().await.map_err(|_| SignaturesUnavailable) })
    }

    fn sign<'a>(
        &'a self,
        key: &'a PrivateKey,
        message: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<Vec<u8>, SignaturesUnavailable>> {
        Box::pin(async move { sign(key, message).await.map_err(|_| SignaturesUnavailable) })
    }

    fn verify<'a>(
        &'a self,
        key: &'a Jwk,
        message: &'a [u8],
        signature: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<bool, SignaturesUnavailable>> {
        Box::pin(async move { verify(key, message, signature).await.map_err(|_| SignaturesUnavailable) })
    }
}

fn subtle() -> Result<SubtleCrypto, JsValue> {
    let global: WorkerGlobalScope = js_sys::global().unchecked_into();
    Ok(global.crypto()?.subtle())
}

/// The parameters of an algorithm, for every method of `WebCrypto`.
fn parameters(algorithm: Algorithm) -> Result<Object, JsValue> {
    let (name, curve) = match algorithm {
        Algorithm::Es256 => ("ECDSA", Some("P-256")),
        Algorithm::Rs256 => ("RSASSA-PKCS1-v1_5", None),
    };
    let parameters = Object::new();
    for (member, value) in [("name", Some(name)), ("hash", Some("SHA-256")), ("namedCurve", curve)] {
        if let Some(value) = value {
            Reflect::set(&parameters, &member.into(), &value.into())?;
        }
    }
    Ok(parameters)
}

async fn import(jwk: &str, algorithm: Algorithm, usage: &str) -> Result<CryptoKey, JsValue> {
    let (jwk, usages) = (JSON::parse(jwk)?, Array::of1(&usage.into()));
    let parameters = parameters(algorithm)?;
    let key = subtle()?.import_key_with_object("jwk", jwk.unchecked_ref(), &parameters, false, &usages)?;
    Ok(JsFuture::from(key).await?.unchecked_into())
}

async fn generate() -> Result<PrivateKey, JsValue> {
    let usages = Array::of2(&"sign".into(), &"verify".into());
    let pair = subtle()?.generate_key_with_object(&parameters(Algorithm::Es256)?, true, &usages)?;
    let key: CryptoKey = Reflect::get(&JsFuture::from(pair).await?, &"privateKey".into())?.unchecked_into();
    let jwk = JsFuture::from(subtle()?.export_key("jwk", &key)?).await?;
    let member = |name: &str| Reflect::get(&jwk, &name.into())?.as_string().ok_or(JsValue::UNDEFINED);
    Ok(PrivateKey { x: member("x")?, y: member("y")?, d: member("d")? })
}

async fn sign(key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, JsValue> {
    let PrivateKey { x, y, d } = key;
    let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}","d":"{d}"}}"#);
    let key = import(&jwk, Algorithm::Es256, "sign").await?;
    let signature =
        subtle()?.sign_with_object_and_js_u8_array(&parameters(Algorithm::Es256)?, &key, &Uint8Array::from(message))?;
    Ok(Uint8Array::new(&JsFuture::from(signature).await?).to_vec())
}

async fn verify(key: &Jwk, message: &[u8], signature: &[u8]) -> Result<bool, JsValue> {
    let algorithm = key.algorithm().map_err(|_| JsValue::UNDEFINED)?;
    let jwk = serde_json::to_string(&key.bare()).map_err(|_| JsValue::UNDEFINED)?;
    let key = import(&jwk, algorithm, "verify").await?;
    let verified = subtle()?.verify_with_object_and_js_u8_array_and_js_u8_array(
        &parameters(algorithm)?,
        &key,
        &Uint8Array::from(signature),
        &Uint8Array::from(message),
    )?;
    Ok(JsFuture::from(verified).await?.is_truthy())
}
