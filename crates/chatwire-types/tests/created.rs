//! Tests `created` in every form on the wire: typed, read as seconds, and written back unchanged.
//! `hostile.rs` tests other keys with values of every kind.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use crate::support::same;
use chatwire_types::{ChatCompletion, ChatCompletionChunk, Timestamp};
use serde_json::{Value, json};

fn check(sent: &str, typed: impl Into<Option<Timestamp>>, seconds: Option<u64>) {
    let typed = typed.into();
    let text = format!(r#"{{"id":"a","created":{sent},"choices":[]}}"#);
    let json: Value = serde_json::from_str(&text).unwrap();

    let whole: ChatCompletion = serde_json::from_str(&text).unwrap();
    assert_eq!((&whole.created, whole.created_seconds()), (&typed, seconds), "{sent}");
    assert!(whole.extra.is_empty(), "{sent}");
    assert!(same(&json, &serde_json::to_value(&whole).unwrap()), "{sent}");

    let chunk: ChatCompletionChunk = serde_json::from_str(&text).unwrap();
    assert_eq!((&chunk.created, chunk.created_seconds()), (&typed, seconds), "{sent}");
    assert!(same(&json, &serde_json::to_value(&chunk).unwrap()), "{sent}");
}

fn check_unknown(sent: &Value) {
    check(&sent.to_string(), Timestamp::from(sent.clone()), None);
    assert!(matches!(Timestamp::from(sent.clone()), Timestamp::Unknown(_)), "{sent}");
}

#[test]
fn every_form_is_typed_and_kept() {
    use Timestamp::{Fractional, Seconds};
    let text = |text| Timestamp::from(text);

    check("1725709829", Seconds(1_725_709_829), Some(1_725_709_829));
    check("0", Seconds(0), Some(0));
    check("9007199254740993", Seconds(9_007_199_254_740_993), Some(9_007_199_254_740_993));
    check("18446744073709551615", Seconds(u64::MAX), Some(u64::MAX));
    // Milliseconds look like seconds of a distant year, and nothing on the wire tells them apart.
    check("1725709829123", Seconds(1_725_709_829_123), Some(1_725_709_829_123));

    check("1725709829.75", Fractional(1_725_709_829.75), Some(1_725_709_829));
    check("1725709829.0", Fractional(1_725_709_829.0), Some(1_725_709_829));
    check("1.7e9", Fractional(1.7e9), Some(1_700_000_000));
    check("-35110569", Fractional(-35_110_569.0), None);
    check("-0.5", Fractional(-0.5), None);
    check("1e300", Fractional(1e300), None);
    check("18446744073709551616", Fractional(18_446_744_073_709_551_616.0), None);

    check(r#""1725709829""#, text("1725709829"), Some(1_725_709_829));
    check(r#"" 0123456789.9 ""#, text(" 0123456789.9 "), Some(123_456_789));
    check(r#""18446744073709551615""#, text("18446744073709551615"), Some(u64::MAX));
    check(r#""-1""#, text("-1"), None);
    check(r#""inf""#, text("inf"), None);
    check(r#""NaN""#, text("NaN"), None);
    check(r#""""#, text(""), None);
    check(r#""2024-09-07T11:50:29Z""#, text("2024-09-07T11:50:29Z"), None);

    check("null", None, None);
    // No arm for numbers can hold this one exactly.
    check_unknown(&json!(-9_223_372_036_854_775_807_i64));
    check_unknown(&json!(true));
    check_unknown(&json!([1_725_709_829]));
    check_unknown(&json!({ "seconds": 1_725_709_829 }));
}

#[test]
fn a_number_can_be_written_as_it_is() {
    let completion = ChatCompletion::new("a", 1_700_000_000, "m", []).created(1_700_000_001);
    assert_eq!(completion.created, Some(Timestamp::Seconds(1_700_000_001)));
    let chunk = ChatCompletionChunk::new("a", 1_700_000_000.5, "m", []).created("1700000000");
    assert_eq!(chunk.created_seconds(), Some(1_700_000_000));
}
