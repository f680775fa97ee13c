//! Known answers: what every build of the core, in whatever runtime, has to make of the same input.
//!
//! They were computed once, and are pinned. A change here means that every token, id and link in the field ends, and
//! that every ledger is somewhere else: there is no migration for it.

use hookswitch::core::codec::Nonce;
use hookswitch::core::{Digest, Keyring, Kind, Shard, Target, UserId};

pub(crate) const SECRET: [u8; 32] = *b"0123456789abcdefghijklmnopqrstuv";
pub(crate) const OTHER_SECRET: [u8; 32] = *b"another deployment's, or a later";
pub(crate) const USER: &str = "5309c3a237bbc544d8e26737";

/// What is minted for [`USER`] of [`known_nonce`] under [`SECRET`], at the index.
pub(crate) const HANDLES: [(Kind, u8, &str); 7] = [
    (Kind::ConnectionToken, 0, "hct_7068059ee0605c5f86eb96e0a1c79036e1b8763fd16c25e3"),
    (Kind::ConnectionToken, 1, "hct_f237b4d5dbd935034753fea803568ba39aff44c32f2353ac"),
    (Kind::AccessToken, 0, "hat_963381d479cd4e77c665eaaa7942b6e06d0f817bfafaae32"),
    (Kind::RefreshToken, 0, "hrt_3d54ac6bc554b28e9bfbd07bf0e7f66e3f26429792d67ed7"),
    (Kind::ApiKey, 0, "hak_dc6ad399c5151cbc869168ff4d98f0dcbbc9c1380ea5b56e"),
    (Kind::ConnectionId, 0, "ca_83df54f93c5441a7a2f4caf78179d14457c52a4a2d068680"),
    (Kind::TokenId, 0, "tok_9d2dde9716529f666ea4c34fcd4ff7f1302342aaf1b0769e"),
];
const SHARDS: [(&str, &str); 3] = [(USER, "72a50e29deb12af8"), ("a", "b39d8aa4aaf68d62"), ("ü|1", "077a8603b89f966e")];
/// The digest of the first of [`HANDLES`]: `printf %s hct_… | sha256sum`.
const DIGEST: &str = "523b686d1512cd749a52b1b075eb7be6bdc6668c2aca43dffb0aab17c3619540";

/// The nonce of these bytes, the first eight and the last.
pub(crate) const fn nonce(first: u64, last: u64) -> Nonce {
    Nonce(first, last)
}

/// The bytes 0 to 15.
pub(crate) const fn known_nonce() -> Nonce {
    nonce(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f)
}

/// The keyring of a deployment: the newest secret, and the earlier ones.
pub(crate) fn keyring_of(secret: [u8; 32], previous: &[[u8; 32]]) -> Keyring {
    let previous: Vec<_> = previous.iter().map(|secret| secret.to_vec()).collect();
    Keyring::new(&secret, &previous).unwrap()
}

pub(crate) fn keyring() -> Keyring {
    keyring_of(SECRET, &[])
}

pub(crate) fn owner() -> UserId {
    UserId::parse(USER).unwrap()
}

pub(crate) fn handles_are_what_they_were() {
    let (keyring, shard) = (keyring(), Shard::of(&owner()));
    for (kind, index, text) in HANDLES {
        let minted = keyring.mint(known_nonce(), index, kind, shard);
        assert_eq!(minted.text(), text);
        let opened = keyring.open(text).unwrap();
        assert_eq!((opened.kind(), opened.shard()), (kind, shard));
    }
    let (_, _, first) = HANDLES[0];
    let partoo = keyring.open(&first.replace("hct_", "\\x")).unwrap();
    assert_eq!(partoo.text(), first);
    assert_eq!(partoo.partoo_text(), first.replace("hct_", "\\x"));
}

pub(crate) fn shards_are_what_they_were() {
    for (user, name) in SHARDS {
        assert_eq!(Shard::of(&UserId::parse(user).unwrap()).name(), name);
    }
}

pub(crate) fn digests_are_what_they_were() {
    let (_, _, first) = HANDLES[0];
    assert_eq!(keyring().open(first).unwrap().digest().as_str(), DIGEST);
    // FIPS 180-4's own example.
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(Digest::of(b"abc").as_str(), abc);
    let parts = "601d5476e2ccfe2c87a2bba7a322659734a05749d5b5aa781f513e4912db0d5f";
    assert_eq!(Digest::of_parts(&[b"ab", b"c"]).as_str(), parts, "each part with its length before it");
    assert_ne!(Digest::of_parts(&[b"ab", b"c"]), Digest::of_parts(&[b"a", b"bc"]));
}

/// Whatever is not one of the deployment's handles names nothing.
pub(crate) fn forgeries_name_nothing() {
    let keyring = keyring();
    let (_, _, text) = HANDLES[0];
    let other = keyring_of(OTHER_SECRET, &[]);
    assert_eq!(Target::of(other.open(text)), Target::Forged, "another deployment's");
    for place in 4..text.len() {
        let digit = if &text[place..=place] == "0" { "1" } else { "0" };
        let changed = format!("{}{digit}{}", &text[..place], &text[place + 1..]);
        assert_eq!(Target::of(keyring.open(&changed)), Target::Forged, "digit {place} was changed");
    }
    for forged in ["", "hct_", "\\x", "tok_", &text[..51], &format!("{text}0"), &text.replace("hct_", "hak_")] {
        assert_eq!(Target::of(keyring.open(forged)), Target::Forged, "{forged}");
    }
    let rotated = keyring_of(OTHER_SECRET, &[SECRET]);
    assert_eq!(Target::of(rotated.open(text)), Target::of(keyring.open(text)), "an earlier secret opens");
}
