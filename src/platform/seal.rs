//! Sealing: AES-256-GCM by the platform's Web Crypto, with a key derived from the deployment's secret and the name of
//! what is sealed as associated data.
//!
//! A sealed text is hex of `key id (4) ‖ nonce (12) ‖ ciphertext and tag`.

use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::core::Sealed;
use crate::core::keys::{Keyring, SealKey};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = importKey, catch)]
    fn import_key(
        format: &str,
        key: &Uint8Array,
        algorithm: &str,
        extractable: bool,
        usages: &Array,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = encrypt, catch)]
    fn encrypt(algorithm: &Object, key: &JsValue, data: &Uint8Array) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = decrypt, catch)]
    fn decrypt(algorithm: &Object, key: &JsValue, data: &Uint8Array) -> Result<Promise, JsValue>;
}

const ID: usize = 4;
const NONCE: usize = 12;

/// Seals a secret for what has this name, with the newest key.
///
/// # Errors
/// Where the platform cannot.
pub(crate) async fn seal(keyring: &Keyring, name: &str, secret: &str) -> Result<Sealed, JsValue> {
    let key = keyring.seal_key();
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| JsValue::from_str("there is no randomness"))?;
    let sealed = encrypt(&algorithm(&nonce, name)?, &import(key).await?, &Uint8Array::from(secret.as_bytes()))?;
    let sealed = Uint8Array::new(&JsFuture::from(sealed).await?).to_vec();
    let all = [key.id.as_slice(), &nonce, &sealed].concat();
    Ok(Sealed::stored(hex::encode(all)))
}

/// Opens what was sealed for what has this name; none, where it was not, or with a key that was dropped.
pub(crate) async fn open(keyring: &Keyring, name: &str, sealed: &Sealed) -> Option<String> {
    let all = hex::decode(sealed.as_str()).ok()?;
    let (id, rest) = all.split_at_checked(ID)?;
    let (nonce, sealed) = rest.split_at_checked(NONCE)?;
    let key = keyring.seal_key_of(id)?;
    let opened = decrypt(&algorithm(nonce, name).ok()?, &import(key).await.ok()?, &Uint8Array::from(sealed)).ok()?;
    String::from_utf8(Uint8Array::new(&JsFuture::from(opened).await.ok()?).to_vec()).ok()
}

/// How many characters of a sealed text tell which key has sealed it.
pub(crate) const PREFIX: usize = 8;

/// What texts begin with that a key of this id has sealed.
pub(crate) fn prefix(key: &SealKey) -> String {
    hex::encode(key.id)
}

async fn import(key: &SealKey) -> Result<JsValue, JsValue> {
    let usages = Array::of2(&"encrypt".into(), &"decrypt".into());
    JsFuture::from(import_key("raw", &Uint8Array::from(key.key.as_slice()), "AES-GCM", false, &usages)?).await
}

fn algorithm(nonce: &[u8], name: &str) -> Result<Object, JsValue> {
    let algorithm = Object::new();
    Reflect::set(&algorithm, &"name".into(), &"AES-GCM".into())?;
    Reflect::set(&algorithm, &"iv".into(), &Uint8Array::from(nonce))?;
    Reflect::set(&algorithm, &"additionalData".into(), &Uint8Array::from(name.as_bytes()))?;
    Ok(algorithm)
}
