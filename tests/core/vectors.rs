//! Known answers of the codec, for every build of the core and every runtime.
//!
//! A change here means that every token, id and link that was issued is dead, and that every ledger has another name. No
//! migration exists for that.

use hookswitch::core::handle::MintNonce;
use hookswitch::core::{Digest, HandleKind, Keyring, LedgerId, NamedToken, UserId};

pub(crate) const SECRET: [u8; 32] = *b"0123456789abcdefghijklmnopqrstuv";
pub(crate) const OTHER_SECRET: [u8; 32] = *b"another deployment's, or a later";
pub(crate) const USER: &str = "5309c3a237bbc544d8e26737";

/// The handles of [`USER`] that [`SECRET`] derives from [`known_nonce`] and an index.
pub(crate) const HANDLES: [(HandleKind, u8, &str); 7] = [
    (HandleKind::ConnectionToken, 0, "hct_7068059ee0605c5f86eb96e0a1c79036e1b8763fd16c25e3"),
    (HandleKind::ConnectionToken, 1, "hct_f237b4d5dbd935034753fea803568ba39aff44c32f2353ac"),
    (HandleKind::AccessToken, 0, "hat_963381d479cd4e77c665eaaa7942b6e06d0f817bfafaae32"),
    (HandleKind::RefreshToken, 0, "hrt_3d54ac6bc554b28e9bfbd07bf0e7f66e3f26429792d67ed7"),
    (HandleKind::ApiKey, 0, "hak_dc6ad399c5151cbc869168ff4d98f0dcbbc9c1380ea5b56e"),
    (HandleKind::ConnectionId, 0, "ca_83df54f93c5441a7a2f4caf78179d14457c52a4a2d068680"),
    (HandleKind::ClientSecret, 0, "hcs_9f77b1da35c692a8704adead819829e5e8de8031efe5d480"),
];
/// The digest of the first of [`HANDLES`]: `printf %s hct_… | sha256sum`.
const DIGEST: &str = "523b686d1512cd749a52b1b075eb7be6bdc6668c2aca43dffb0aab17c3619540";
/// The public id of the first of [`HANDLES`]. Its bytes 8 to 19 are the first 12 bytes of [`DIGEST`].
pub(crate) const TOKEN_ID: &str = "tok_85f265c62843a832523b686d1512cd749a52b1b0ea55c0fa";
const LEDGER_IDS: [(&str, &str); 3] =
    [(USER, "72a50e29deb12af8"), ("a", "b39d8aa4aaf68d62"), ("ü|1", "077a8603b89f966e")];

/// The nonce of 16 bytes that these numbers are.
pub(crate) const fn nonce(first: u64, last: u64) -> MintNonce {
    MintNonce(first, last)
}

/// The nonce of the bytes 0 to 15.
pub(crate) const fn known_nonce() -> MintNonce {
    nonce(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f)
}

/// The keyring of a deployment with a secret and earlier secrets.
pub(crate) fn keyring_of(secret: [u8; 32], previous: &[[u8; 32]]) -> Keyring {
    let previous: Vec<_> = previous.iter().map(|secret| secret.to_vec()).collect();
    Keyring::new(&secret, &previous).unwrap()
}

pub(crate) fn keyring() -> Keyring {
    keyring_of(SECRET, &[])
}

pub(crate) fn owner() -> UserId {
    USER.parse().unwrap()
}

pub(crate) fn assert_handles_unchanged() {
    let (keyring, ledger_id) = (keyring(), LedgerId::of_user(&owner()));
    for (kind, index, text) in HANDLES {
        let minted = keyring.mint(known_nonce(), index, kind, ledger_id);
        assert_eq!(minted.text(), text);
        let opened = keyring.open(text).unwrap();
        assert_eq!((opened.kind(), opened.ledger_id()), (kind, ledger_id));
    }
    let (_, _, first) = HANDLES[0];
    assert_eq!(keyring.open(&first.replace("hct_", "\\x")).unwrap().text(), first, "Partoo's spelling");
    assert_eq!(keyring.token_id(&keyring.open(first).unwrap()).text(), TOKEN_ID);
}

pub(crate) fn assert_ledger_ids_unchanged() {
    for (user, name) in LEDGER_IDS {
        assert_eq!(LedgerId::of_user(&user.parse().unwrap()).name(), name);
    }
}

pub(crate) fn assert_digests_unchanged() {
    let (_, _, first) = HANDLES[0];
    assert_eq!(keyring().open(first).unwrap().digest().as_str(), DIGEST);
    assert_eq!(keyring().open(TOKEN_ID).unwrap().token_key().as_str(), &DIGEST[..24]);
    // The example of FIPS 180-4.
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(Digest::of(b"abc").as_str(), abc);
    let parts = "601d5476e2ccfe2c87a2bba7a322659734a05749d5b5aa781f513e4912db0d5f";
    assert_eq!(Digest::of_parts(&[b"ab", b"c"]).as_str(), parts, "the length of each part precedes it");
    assert_ne!(Digest::of_parts(&[b"ab", b"c"]), Digest::of_parts(&[b"a", b"bc"]));
}

pub(crate) fn assert_forgeries_are_invalid() {
    let keyring = keyring();
    let (_, _, text) = HANDLES[0];
    let other = keyring_of(OTHER_SECRET, &[]);
    assert_eq!(NamedToken::of(other.open(text)), NamedToken::Invalid, "a token of another deployment");
    for place in 4..text.len() {
        let digit = if &text[place..=place] == "0" { "1" } else { "0" };
        let changed = format!("{}{digit}{}", &text[..place], &text[place + 1..]);
        assert_eq!(NamedToken::of(keyring.open(&changed)), NamedToken::Invalid, "digit {place} was changed");
    }
    for forged in ["", "hct_", "\\x", "tok_", &text[..51], &format!("{text}0"), &text.replace("hct_", "hak_")] {
        assert_eq!(NamedToken::of(keyring.open(forged)), NamedToken::Invalid, "{forged}");
    }
    let rotated = keyring_of(OTHER_SECRET, &[SECRET]);
    assert_eq!(NamedToken::of(rotated.open(text)), NamedToken::of(keyring.open(text)), "an earlier secret verifies");
}
