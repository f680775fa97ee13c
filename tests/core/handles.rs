//! The codec: what was minted here is read in every spelling, and nothing else is.

use std::collections::HashSet;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use hookswitch::core::codec::Forged;
use hookswitch::core::target::{Link, Target, TokenName};
use hookswitch::core::{Handle, Kind, Shard, TokenKind, UserId};
use proptest::prelude::*;
use proptest::sample::select;
use sha2::{Digest as _, Sha256};

use crate::vectors::{self, HANDLES, OTHER_SECRET, SECRET, USER, keyring, keyring_of, known_nonce, nonce, owner};

/// A handle of any kind, for any user.
fn any_handle() -> impl Strategy<Value = Handle> {
    (any::<(u64, u64)>(), any::<u8>(), select(&Kind::ALL[..]), "[^\\p{Cc}]{1,32}").prop_filter_map(
        "reserved",
        |((first, last), index, kind, user)| {
            let user = UserId::parse(&user).ok()?;
            Some(keyring().mint(nonce(first, last), index, kind, Shard::of(&user)))
        },
    )
}

/// Every way in which the handle is written.
fn spellings(handle: &Handle) -> Vec<String> {
    let canonical = handle.text();
    let digits = &canonical[handle.kind().prefix().len()..];
    let mut spellings = vec![canonical.clone(), format!("{}{}", handle.kind().prefix(), digits.to_uppercase())];
    if handle.kind() == Kind::ConnectionToken {
        spellings.push(handle.partoo_text());
        spellings.push(format!("\\x{}", digits.to_uppercase()));
    }
    spellings
}

#[test]
fn handle_format_unchanged() {
    vectors::handles_are_what_they_were();
}

#[test]
fn shard_format_unchanged() {
    vectors::shards_are_what_they_were();
}

#[test]
fn digest_format_unchanged() {
    vectors::digests_are_what_they_were();
}

#[test]
fn forgeries_name_nothing() {
    vectors::forgeries_name_nothing();
}

/// The derivation, said again from the primitives: HKDF-SHA-256 (RFC 5869) and HMAC-SHA-256 (RFC 2104).
#[test]
fn a_handle_is_what_the_design_says() {
    let hmac = |purpose: &str, parts: &[&[u8]]| {
        let mut key = [0; 64];
        Hkdf::<Sha256>::new(None, &SECRET).expand(purpose.as_bytes(), &mut key).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(&parts.concat());
        <[u8; 32]>::from(mac.finalize().into_bytes())
    };
    let shard = Sha256::digest(format!("hookswitch/v1/user\0{USER}"));
    for (kind, index, text) in HANDLES {
        let prefix = kind.prefix().as_bytes();
        let random = &hmac("hookswitch/v1/mint", &[prefix, &(0..16).collect::<Vec<u8>>(), &[index]])[..12];
        let mac = &hmac("hookswitch/v1/handle-mac", &[prefix, random, &shard[..8]])[..4];
        let mask = hmac("hookswitch/v1/handle-mask", &[prefix, random, mac]);
        let masked: Vec<u8> = shard.iter().zip(mask).take(8).map(|(clear, mask)| clear ^ mask).collect();
        let bytes = [&masked, random, mac].concat();
        assert_eq!(text, format!("{}{}", kind.prefix(), hex::encode(bytes)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_handle_is_read_in_every_spelling(handle in any_handle()) {
        for text in spellings(&handle) {
            let opened = keyring().open(&text);
            prop_assert_eq!(opened.as_ref(), Ok(&handle));
            prop_assert_eq!(opened.unwrap().digest(), handle.digest(), "one digest for all spellings");
        }
    }

    #[test]
    fn a_flipped_bit_is_refused(handle in any_handle()) {
        let keyring = keyring();
        let text = handle.text();
        let (prefix, digits) = text.split_at(handle.kind().prefix().len());
        let bytes = hex::decode(digits).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(keyring.open(&format!("{prefix}{}", hex::encode(flipped))), Err(Forged), "bit {}", bit);
        }
    }

    #[test]
    fn another_kinds_prefix_is_refused(handle in any_handle()) {
        let text = handle.text();
        let digits = &text[handle.kind().prefix().len()..];
        let prefixes = Kind::ALL.iter().filter(|kind| **kind != handle.kind()).map(|kind| kind.prefix());
        for prefix in prefixes.chain(["", "HCT_", "0x", "\\X", "x"]) {
            prop_assert_eq!(keyring().open(&format!("{prefix}{digits}")), Err(Forged));
        }
        let partoo = keyring().open(&format!("\\x{digits}"));
        prop_assert_eq!(partoo.is_ok(), handle.kind() == Kind::ConnectionToken);
    }

    #[test]
    fn cut_and_lengthened_texts_are_refused(handle in any_handle(), more in ".{1,8}") {
        for text in spellings(&handle) {
            for cut in 0..text.len() {
                prop_assert_eq!(keyring().open(&text[..cut]), Err(Forged));
                prop_assert_eq!(keyring().open(&text[text.len() - cut..]), Err(Forged));
            }
            prop_assert_eq!(keyring().open(&format!("{text}{more}")), Err(Forged));
            prop_assert_eq!(keyring().open(&format!("{more}{text}")), Err(Forged));
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,80}", digits in "[0-9a-fA-F]{40,56}") {
        prop_assert_eq!(keyring().open(&text), Err(Forged));
        for kind in Kind::ALL {
            prop_assert_eq!(keyring().open(&format!("{}{digits}", kind.prefix())), Err(Forged));
        }
    }

    #[test]
    fn a_handle_survives_any_number_of_rotations(number in any::<u64>(), kind in select(&Kind::ALL[..])) {
        let shard = Shard::of(&owner());
        let minted = keyring().mint(nonce(0, number), 0, kind, shard);
        let thrice = keyring_of([9; 32], &[[8; 32], OTHER_SECRET, SECRET]);
        prop_assert_eq!(thrice.open(&minted.text()), Ok(minted.clone()));
        prop_assert_eq!(thrice.mint_again(nonce(0, number), 0, kind, shard, &minted.digest()), Some(minted.clone()));
        prop_assert_ne!(thrice.mint(nonce(0, number), 0, kind, shard), minted.clone(), "the newest secret mints");

        let dropped = keyring_of([9; 32], &[OTHER_SECRET]);
        prop_assert_eq!(dropped.open(&minted.text()), Err(Forged), "dropping a secret ends what it made");
        prop_assert_eq!(dropped.mint_again(nonce(0, number), 0, kind, shard, &minted.digest()), None);
    }
}

#[test]
fn tokens_of_one_user_share_no_visible_prefix() {
    const TOKENS: u64 = 4_000;
    let (keyring, shard) = (keyring(), Shard::of(&owner()));
    let (mut beginnings, mut shards, mut bytes_seen) = (HashSet::new(), HashSet::new(), vec![0_u32; 8 * 256]);
    for number in 0..TOKENS {
        let text = keyring.mint(nonce(0, number), 0, Kind::ConnectionToken, shard).text();
        let bytes = hex::decode(&text[4..]).unwrap();
        beginnings.insert(bytes[..4].to_vec());
        shards.insert(bytes[..8].to_vec());
        for (place, byte) in bytes[..8].iter().enumerate() {
            bytes_seen[place * 256 + usize::from(*byte)] += 1;
        }
    }
    // The nonces are fixed, so this holds or it does not: by chance, one pair in 500 such sets would share 4 bytes.
    assert_eq!(beginnings.len() as u64, TOKENS);
    assert_eq!(shards.len() as u64, TOKENS);
    // 15.6 of each byte at each place are expected; 60 would be 11 standard deviations off.
    assert!(bytes_seen.iter().all(|count| *count < 60), "some byte of the masked shard stands out");
}

#[test]
fn a_token_and_its_public_id_look_unrelated() {
    let (keyring, shard) = (keyring(), Shard::of(&owner()));
    for number in 0..500 {
        let minted = Kind::ALL.map(|kind| keyring.mint(nonce(0, number), 0, kind, shard).text());
        let tails: HashSet<_> = minted.iter().map(|text| text[text.len() - 48..][..8].to_owned()).collect();
        assert_eq!(tails.len(), Kind::ALL.len(), "{minted:?}");
    }
    let indexes: HashSet<_> =
        (0..=u8::MAX).map(|index| keyring.mint(known_nonce(), index, Kind::AccessToken, shard).text()).collect();
    assert_eq!(indexes.len(), 256, "each index is another handle");
}

#[test]
fn a_handle_names_its_users_token_and_no_one_elses() {
    let (keyring, shard) = (keyring(), Shard::of(&owner()));
    let other = UserId::parse("somebody else").unwrap();
    for kind in Kind::ALL {
        let handle = keyring.mint(known_nonce(), 0, kind, shard);
        let target = || {
            Target::of(
                keyring.open(&handle.text().to_uppercase().replace(&kind.prefix().to_uppercase(), kind.prefix())),
            )
        };
        let name = match (TokenKind::of(kind), target()) {
            (Some(token), Target::Known { name, .. }) => {
                assert_eq!(name, TokenName::Secret(token, handle.digest()));
                name
            }
            (None, Target::Known { name: TokenName::Public(id), .. }) if kind == Kind::TokenId => {
                assert_eq!(id.as_str(), handle.text(), "in the canonical spelling");
                TokenName::Public(id)
            }
            (None, Target::Forged) if matches!(kind, Kind::ConnectionId | Kind::ClientSecret) => continue,
            other => panic!("{kind:?} gave {other:?}"),
        };
        assert_eq!(target().of_user(&owner()), Target::Known { handle: handle.clone(), name });
        assert_eq!(target().of_user(&other), Target::Forged);
        assert_eq!(target().public() == Target::Forged, kind != Kind::TokenId);
        for wanted in TokenKind::ALL {
            assert_eq!(target().secret_of(*wanted) == Target::Forged, wanted.handle() != kind);
        }
    }
}

#[test]
fn only_a_connections_id_names_a_connection() {
    let (keyring, shard) = (keyring(), Shard::of(&owner()));
    for kind in Kind::ALL {
        let handle = keyring.mint(known_nonce(), 0, kind, shard);
        let link = Link::of(keyring.open(&handle.text().replace('a', "A").replace("cA_", "ca_")));
        match (kind, link) {
            (Kind::ConnectionId, Link::Known(of, id)) => {
                assert_eq!((of, id.as_str()), (shard, handle.text().as_str()), "in the canonical spelling");
            }
            (_, link) => assert_eq!(link, Link::Forged, "{kind:?}"),
        }
    }
}

#[test]
fn a_handle_is_never_printed() {
    let handle = keyring().open(HANDLES[0].2).unwrap();
    let printed = format!("{handle:?} {:?}", Target::of(Ok(handle.clone())));
    assert!(!printed.contains(&handle.text()[4..20]), "{printed}");
}
