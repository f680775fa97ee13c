//! Used sign-in codes in the operator's ledger.

use futures_util::FutureExt;
use hookswitch::core::decide::operator::UseSignInCode;
use hookswitch::core::{DecisionError, Digest, Principal, Reply, Request, Timestamp};
use hookswitch::ledger::sql::Row;
use hookswitch::ledger::{LedgerContext, Sql};

use crate::kit::Ledger;
use crate::platform::TestPlatform;

fn use_code(platform: &TestPlatform, code: &str, expires_at: Timestamp) -> Result<(), DecisionError> {
    let command = UseSignInCode { code: Digest::of(code.as_bytes()), expires_at };
    let message = Request::plain(Principal::Root, command).message().unwrap();
    let cx =
        LedgerContext { now: platform.now.get(), jitter: 0, settings: &platform.settings, has_earlier_secrets: false };
    let answer = platform.operator.answer(&message, &cx).unwrap();
    serde_json::from_str::<Reply<()>>(&answer.reply).unwrap().outcome
}

fn stored_codes(platform: &TestPlatform) -> u64 {
    let rows = platform.operator.database().run("SELECT COUNT(*) FROM used_sign_in_codes", &[]).unwrap();
    rows.first(Row::count).unwrap().unwrap_or_default()
}

#[test]
fn code_is_used_once_and_forgotten_when_it_expires() {
    let platform = TestPlatform::of(&Ledger::with_user());
    let start = platform.now.get();
    let (first, second) = (start.plus_seconds(300), start.plus_seconds(400));
    assert_eq!(use_code(&platform, "one", first), Ok(()));
    assert_eq!(use_code(&platform, "two", second), Ok(()));
    assert_eq!(use_code(&platform, "one", first), Err(DecisionError::SignInCodeInvalid));
    assert_eq!((stored_codes(&platform), platform.operator.alarm()), (2, Some(first)));

    for (now, left, next) in [(first, 1, Some(second)), (second, 0, None)] {
        platform.now.set(now);
        platform.operator.ring(&platform, &platform.settings).now_or_never().unwrap().unwrap();
        assert_eq!((stored_codes(&platform), platform.operator.alarm()), (left, next));
    }
    // The rows are gone, and the clock of the ledger still refuses the codes.
    for (code, expires_at) in [("one", first), ("two", second)] {
        assert_eq!(use_code(&platform, code, expires_at), Err(DecisionError::SignInCodeInvalid));
    }
}
