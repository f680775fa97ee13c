//! Signatures, for native tests: ES256 only.

use std::cell::Cell;

use futures_util::future::{LocalBoxFuture, ready};
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};

use crate::core::jwk::{Algorithm, Jwk};
use crate::core::signing_key::PrivateKey;
use crate::core::{Digest, base64};
use crate::operations::platform::{Signatures, SignaturesUnavailable};

/// Signatures by the crate `p256`, with keys that are the same in every run.
#[derive(Debug, Default)]
pub struct NativeSignatures {
    made: Cell<u64>,
}

impl NativeSignatures {
    /// Makes a key.
    ///
    /// # Errors
    /// [`SignaturesUnavailable`]; it has a chance of 2^-128.
    pub fn make(&self) -> Result<PrivateKey, SignaturesUnavailable> {
        let count = self.made.get().wrapping_add(1);
        self.made.set(count);
        let seed = Digest::of_parts(&[b"signing key", &count.to_be_bytes()]);
        let d = hex::decode(seed.as_str()).unwrap_or_default();
        let key = SigningKey::from_slice(&d).map_err(|_| SignaturesUnavailable)?;
        let point = key.verifying_key().to_sec1_point(false);
        let coordinate = |bytes: Option<&_>| bytes.map(|bytes: &p256::FieldBytes| base64::encode_url(bytes));
        let (x, y) = coordinate(point.x()).zip(coordinate(point.y())).ok_or(SignaturesUnavailable)?;
        Ok(PrivateKey { x, y, d: base64::encode_url(&d) })
    }
}

/// Signs a message.
///
/// # Errors
/// [`SignaturesUnavailable`] if the key is none.
pub fn sign(key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, SignaturesUnavailable> {
    let d = base64::decode(&key.d).ok_or(SignaturesUnavailable)?;
    let key = SigningKey::from_slice(&d).map_err(|_| SignaturesUnavailable)?;
    let signature: Signature = key.sign(message);
    Ok(signature.to_bytes().to_vec())
}

/// Whether a signature is right.
fn verify(key: &Jwk, message: &[u8], signature: &[u8]) -> Option<bool> {
    if key.algorithm() != Ok(Algorithm::Es256) {
        return None;
    }
    let coordinate = |text: &Option<String>| text.as_deref().and_then(base64::decode);
    let point = [vec![4], coordinate(&key.x)?, coordinate(&key.y)?].concat();
    let key = VerifyingKey::from_sec1_bytes(&point).ok()?;
    Some(Signature::from_slice(signature).is_ok_and(|signature| key.verify(message, &signature).is_ok()))
}

impl Signatures for NativeSignatures {
    fn generate(&self) -> LocalBoxFuture<'_, Result<PrivateKey, SignaturesUnavailable>> {
        Box::pin(ready(self.make()))
    }

    fn sign<'a>(
        &'a self,
        key: &'a PrivateKey,
        message: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<Vec<u8>, SignaturesUnavailable>> {
        Box::pin(ready(sign(key, message)))
    }

    fn verify<'a>(
        &'a self,
        key: &'a Jwk,
        message: &'a [u8],
        signature: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<bool, SignaturesUnavailable>> {
        Box::pin(ready(verify(key, message, signature).ok_or(SignaturesUnavailable)))
    }
}
