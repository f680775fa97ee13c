//! The codec: handles that the deployment created are read in every spelling, and nothing else is.

use std::collections::HashSet;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use hookswitch::core::handle::InvalidHandle;
use hookswitch::core::{ConnectionRef, Handle, HandleKind, LedgerId, NamedToken, TokenKind, TokenRef, UserId};
use proptest::prelude::*;
use proptest::sample::select;
use sha2::{Digest as _, Sha256};

use crate::vectors::{self, HANDLES, OTHER_SECRET, SECRET, USER, keyring, keyring_of, known_nonce, nonce, owner};

/// A handle of any kind for any user.
fn any_handle() -> impl Strategy<Value = Handle> {
    (any::<(u64, u64)>(), any::<u8>(), select(&HandleKind::ALL[..]), "[^\\p{Cc}]{1,32}").prop_filter_map(
        "reserved user id",
        |((first, last), index, kind, user)| {
            let user: UserId = user.parse().ok()?;
            Some(keyring().mint(nonce(first, last), index, kind, LedgerId::of_user(&user)))
        },
    )
}

/// A handle of a token of any kind.
fn any_token() -> impl Strategy<Value = Handle> {
    any_handle().prop_filter("not a token", |handle| TokenKind::of(handle.kind()).is_some())
}

/// Every spelling of a handle.
fn spellings(handle: &Handle) -> Vec<String> {
    let prefix = handle.kind().prefix();
    let (lower, upper) = (handle.hex(), handle.hex().to_uppercase());
    let mut spellings = vec![format!("{prefix}{lower}"), format!("{prefix}{upper}")];
    if handle.kind() == HandleKind::ConnectionToken {
        spellings.extend([format!("\\x{lower}"), format!("\\x{upper}")]);
    }
    spellings
}

#[test]
fn handle_format_unchanged() {
    vectors::assert_handles_unchanged();
}

#[test]
fn ledger_id_format_unchanged() {
    vectors::assert_ledger_ids_unchanged();
}

#[test]
fn digest_format_unchanged() {
    vectors::assert_digests_unchanged();
}

#[test]
fn forged_handles_are_invalid() {
    vectors::assert_forgeries_are_invalid();
}

/// HMAC-SHA-256 (RFC 2104) with a key that HKDF-SHA-256 (RFC 5869) derives from the secret for a purpose.
fn hmac(purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut key = [0; 64];
    Hkdf::<Sha256>::new(None, &SECRET).expand(purpose.as_bytes(), &mut key).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(&parts.concat());
    mac.finalize().into_bytes().into()
}

/// The 48 hex digits of a handle with this random part, by the description of the format.
fn described(prefix: &str, random: &[u8]) -> String {
    let ledger_id = Sha256::digest(format!("hookswitch/v1/user\0{USER}"));
    let mac = &hmac("hookswitch/v1/handle-mac", &[prefix.as_bytes(), random, &ledger_id[..8]])[..4];
    let mask = hmac("hookswitch/v1/handle-mask", &[prefix.as_bytes(), random, mac]);
    let masked: Vec<u8> = ledger_id.iter().zip(mask).take(8).map(|(clear, mask)| clear ^ mask).collect();
    hex::encode([&masked, random, mac].concat())
}

#[test]
fn handle_is_built_as_the_design_describes() {
    for (kind, index, text) in HANDLES {
        let bytes: Vec<u8> = (0..16).collect();
        let random = &hmac("hookswitch/v1/mint", &[kind.prefix().as_bytes(), &bytes, &[index]])[..12];
        assert_eq!(text, format!("{}{}", kind.prefix(), described(kind.prefix(), random)));
    }
}

#[test]
fn token_id_is_built_from_the_digest_of_the_secret() {
    for (_, _, text) in HANDLES.iter().filter(|(kind, ..)| TokenKind::of(*kind).is_some()) {
        let id = keyring().token_id(&keyring().open(text).unwrap());
        let digest = Sha256::digest(text.as_bytes());
        assert_eq!(id.text(), format!("tok_{}", described("tok_", &digest[..12])));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn handle_is_read_in_every_spelling(handle in any_handle()) {
        for text in spellings(&handle) {
            let opened = keyring().open(&text);
            prop_assert_eq!(opened.as_ref(), Ok(&handle));
            prop_assert_eq!(opened.unwrap().digest(), handle.digest(), "all spellings have one digest");
        }
    }

    #[test]
    fn token_id_and_secret_name_the_same_row(secret in any_token()) {
        let id = keyring().token_id(&secret);
        prop_assert_eq!(id.ledger_id(), secret.ledger_id());
        prop_assert_eq!(keyring().open(&id.text()), Ok(id.clone()));
        let key_of = |handle: &Handle| match NamedToken::of(Ok(handle.clone())) {
            NamedToken::Known { token, .. } => token.key(),
            NamedToken::Invalid => panic!("the handle names a token"),
        };
        prop_assert_eq!(key_of(&id), key_of(&secret));
        prop_assert_eq!(key_of(&id), secret.digest().key());
    }

    #[test]
    fn token_id_shows_nothing_of_the_secret(secret in any_token()) {
        let id = keyring().token_id(&secret).hex();
        // The masked ledger id, the random part and the mac differ. Four bytes are equal by chance in one of 2^32 cases.
        for part in [0..16, 16..40, 40..48] {
            prop_assert_ne!(&id[part.clone()], &secret.hex()[part]);
        }
    }

    #[test]
    fn handle_with_a_flipped_bit_is_invalid(handle in any_handle()) {
        let keyring = keyring();
        let bytes = hex::decode(handle.hex()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let text = format!("{}{}", handle.kind().prefix(), hex::encode(flipped));
            prop_assert_eq!(keyring.open(&text), Err(InvalidHandle), "bit {}", bit);
        }
    }

    #[test]
    fn handle_with_the_prefix_of_another_kind_is_invalid(handle in any_handle()) {
        let digits = handle.hex();
        let prefixes = HandleKind::ALL.iter().filter(|kind| **kind != handle.kind()).map(|kind| kind.prefix());
        for prefix in prefixes.chain(["", "HCT_", "0x", "\\X", "x"]) {
            prop_assert_eq!(keyring().open(&format!("{prefix}{digits}")), Err(InvalidHandle));
        }
        let bytea = keyring().open(&format!("\\x{digits}"));
        prop_assert_eq!(bytea.is_ok(), handle.kind() == HandleKind::ConnectionToken);
    }

    #[test]
    fn shortened_and_lengthened_handles_are_invalid(handle in any_handle(), more in ".{1,8}") {
        for text in spellings(&handle) {
            for cut in 0..text.len() {
                prop_assert_eq!(keyring().open(&text[..cut]), Err(InvalidHandle));
                prop_assert_eq!(keyring().open(&text[text.len() - cut..]), Err(InvalidHandle));
            }
            prop_assert_eq!(keyring().open(&format!("{text}{more}")), Err(InvalidHandle));
            prop_assert_eq!(keyring().open(&format!("{more}{text}")), Err(InvalidHandle));
        }
    }

    #[test]
    fn no_text_makes_the_codec_panic(text in ".{0,80}", digits in "[0-9a-fA-F]{40,56}") {
        prop_assert_eq!(keyring().open(&text), Err(InvalidHandle));
        for kind in HandleKind::ALL {
            prop_assert_eq!(keyring().open(&format!("{}{digits}", kind.prefix())), Err(InvalidHandle));
        }
    }

    #[test]
    fn handle_survives_any_number_of_rotations(number in any::<u64>(), kind in select(&HandleKind::ALL[..])) {
        let ledger_id = LedgerId::of_user(&owner());
        let minted = keyring().mint(nonce(0, number), 0, kind, ledger_id);
        let again = |keyring: &hookswitch::core::Keyring| {
            keyring.mint_again(nonce(0, number), 0, kind, ledger_id, &minted.digest())
        };
        let thrice = keyring_of([9; 32], &[[8; 32], OTHER_SECRET, SECRET]);
        prop_assert_eq!(thrice.open(&minted.text()), Ok(minted.clone()));
        prop_assert_eq!(again(&thrice), Some(minted.clone()));
        prop_assert_ne!(thrice.mint(nonce(0, number), 0, kind, ledger_id), minted.clone(), "the newest secret mints");

        let dropped = keyring_of([9; 32], &[OTHER_SECRET]);
        prop_assert_eq!(dropped.open(&minted.text()), Err(InvalidHandle), "handles end with their secret");
        prop_assert_eq!(again(&dropped), None);
    }

    #[test]
    fn minted_handles_are_derived_again_from_their_nonce(number in any::<u64>()) {
        let ledger_id = LedgerId::of_user(&owner());
        for kinds in [&[HandleKind::AccessToken, HandleKind::RefreshToken][..], &[HandleKind::ClientSecret]] {
            let minted = keyring().mint_all(nonce(1, number), kinds, ledger_id);
            let rotated = keyring_of(OTHER_SECRET, &[SECRET]);
            let again = rotated.mint_all_again(&minted.handles, ledger_id).unwrap();
            for kind in kinds {
                prop_assert_eq!(again.secret(*kind), minted.secret(*kind));
                prop_assert!(minted.secret(*kind).is_some());
            }
            prop_assert_eq!(again.handles, minted.handles.clone());
            let dropped = keyring_of(OTHER_SECRET, &[]).mint_all_again(&minted.handles, ledger_id);
            prop_assert!(dropped.is_none(), "no other token is given out instead");
        }
    }
}

#[test]
fn tokens_of_one_user_look_unrelated() {
    const TOKENS: u64 = 4_000;
    let (keyring, ledger_id) = (keyring(), LedgerId::of_user(&owner()));
    let (mut beginnings, mut ledgers, mut bytes_seen) = (HashSet::new(), HashSet::new(), vec![0_u32; 8 * 256]);
    for number in 0..TOKENS {
        let token = keyring.mint(nonce(0, number), 0, HandleKind::ConnectionToken, ledger_id);
        let bytes = hex::decode(token.hex()).unwrap();
        beginnings.insert(bytes[..4].to_vec());
        ledgers.insert(bytes[..8].to_vec());
        for (place, byte) in bytes[..8].iter().enumerate() {
            bytes_seen[place * 256 + usize::from(*byte)] += 1;
        }
    }
    // The nonces are fixed, so the result is always the same. By chance, one pair in 500 such sets would share 4 bytes.
    assert_eq!(beginnings.len() as u64, TOKENS);
    assert_eq!(ledgers.len() as u64, TOKENS);
    // Each byte is expected 15.6 times at each place; 60 would be 11 standard deviations more.
    assert!(bytes_seen.iter().all(|count| *count < 60), "a byte of the masked ledger id stands out");
}

#[test]
fn handles_of_one_request_look_unrelated() {
    let (keyring, ledger_id) = (keyring(), LedgerId::of_user(&owner()));
    for number in 0..500 {
        let minted = HandleKind::ALL.map(|kind| keyring.mint(nonce(0, number), 0, kind, ledger_id).hex());
        let beginnings: HashSet<_> = minted.iter().map(|hex| hex[..8].to_owned()).collect();
        assert_eq!(beginnings.len(), HandleKind::ALL.len(), "{minted:?}");
    }
    let of_index = |index| keyring.mint(known_nonce(), index, HandleKind::AccessToken, ledger_id).text();
    let indexes: HashSet<_> = (0..=u8::MAX).map(of_index).collect();
    assert_eq!(indexes.len(), 256, "each index gives another handle");
}

/// The same handle, with upper-case digits.
fn upper_case(handle: &Handle) -> String {
    format!("{}{}", handle.kind().prefix(), handle.hex().to_uppercase())
}

#[test]
fn handle_names_a_token_of_its_own_user_only() {
    let (keyring, ledger_id) = (keyring(), LedgerId::of_user(&owner()));
    let other: UserId = "somebody else".parse().unwrap();
    for kind in HandleKind::ALL {
        let handle = keyring.mint(known_nonce(), 0, kind, ledger_id);
        let named = || NamedToken::of(keyring.open(&upper_case(&handle)));
        let token = match (TokenKind::of(kind), named()) {
            (Some(kind), NamedToken::Known { token, .. }) => {
                assert_eq!(token, TokenRef::Secret { kind, digest: handle.digest() });
                token
            }
            (None, NamedToken::Known { token: TokenRef::Public { token_id, key }, .. })
                if kind == HandleKind::TokenId =>
            {
                assert_eq!(token_id.as_str(), handle.text(), "the spelling is canonical");
                TokenRef::Public { token_id, key }
            }
            (None, NamedToken::Invalid) if matches!(kind, HandleKind::ConnectionId | HandleKind::ClientSecret) => {
                continue;
            }
            other => panic!("{kind:?} gave {other:?}"),
        };
        assert_eq!(named().of_user(&owner()), NamedToken::Known { handle: handle.clone(), token });
        assert_eq!(named().of_user(&other), NamedToken::Invalid);
        assert_eq!(named().by_public_id() == NamedToken::Invalid, kind != HandleKind::TokenId);
        for wanted in TokenKind::ALL {
            assert_eq!(named().by_secret(*wanted) == NamedToken::Invalid, wanted.handle() != kind);
        }
    }
}

#[test]
fn only_a_connection_id_names_a_connection() {
    let (keyring, ledger_id) = (keyring(), LedgerId::of_user(&owner()));
    for kind in HandleKind::ALL {
        let handle = keyring.mint(known_nonce(), 0, kind, ledger_id);
        match (kind, ConnectionRef::of(keyring.open(&upper_case(&handle)))) {
            (HandleKind::ConnectionId, ConnectionRef::Known { ledger_id: of, id }) => {
                assert_eq!((of, id.as_str()), (ledger_id, handle.text().as_str()), "the spelling is canonical");
            }
            (_, named) => assert_eq!(named, ConnectionRef::Invalid, "{kind:?}"),
        }
    }
}

#[test]
fn debug_text_hides_the_handle() {
    let handle = keyring().open(HANDLES[0].2).unwrap();
    let printed = format!("{handle:?} {:?}", NamedToken::of(Ok(handle.clone())));
    assert!(!printed.contains(&handle.hex()[..16]), "{printed}");
}
