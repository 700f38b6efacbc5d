//! Recognises the keys of error envelopes in every spelling. [`super::place`] looks up their
//! values.

/// Whether a key is this one in any spelling: `errorMessage`, `error_message`, `Error-Message`.
pub(super) fn is_spelling_of(key: &str, name: &str) -> bool {
    let letters = key.bytes().filter(|byte| !matches!(byte, b'_' | b'-'));
    letters.map(|byte| byte.to_ascii_lowercase()).eq(name.bytes())
}

pub(super) fn is_one_of(key: &str, names: &[&str]) -> bool {
    names.iter().any(|name| is_spelling_of(key, name))
}

/// The position of a key in a list of names.
pub(super) fn rank(key: &str, names: &[&str]) -> Option<usize> {
    names.iter().position(|name| is_spelling_of(key, name))
}

/// `throttlingException`, the form of AWS in an event stream.
pub(super) fn is_exception(key: &str) -> bool {
    key.ends_with("Exception")
}

/// Keys other than `error` whose object may describe the error.
pub(super) fn leads_to_error(key: &str) -> bool {
    // `{"Response":{"Error":{…}}}` is the form of Tencent.
    let known = ["message", "detail", "errors", "baseresp", "xgroq", "fault", "response"];
    is_exception(key) || is_one_of(key, &known)
}

/// Keys whose text can only be about the error.
pub(super) fn holds_error(key: &str) -> bool {
    is_exception(key) || is_one_of(key, &["error", "errors", "fault"])
}
