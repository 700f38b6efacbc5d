//! Rewrites JSON's surrogate escapes as YAML escapes. [`super::build`] parses the text, and asks
//! for this only if the text is not YAML.

/// Returns the text with `\U0001f600` in place of `\ud83d\ude00`, the only escape of JSON that YAML
/// does not have. Returns `None` if that changes nothing, and for text that is not JSON, because a
/// backslash may stand for itself there.
pub(super) fn as_yaml(json: &str) -> Option<String> {
    let is_json = json.trim_start().starts_with(['{', '[']);
    is_json.then(|| joined(json)).filter(|text| text != json)
}

fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let length = match pair(escape) {
            Some(character) => {
                out.push_str(&format!("\\U{:08x}", u32::from(character)));
                PAIR
            }
            None => {
                let length = escape.chars().take(2).map(char::len_utf8).sum();
                out.push_str(escape.get(..length).unwrap_or_default());
                length
            }
        };
        rest = escape.get(length..).unwrap_or_default();
    }
    out + rest
}

/// The length of two escapes.
const PAIR: usize = 12;

/// The character that two escapes at the start of `text` form together.
fn pair(text: &str) -> Option<char> {
    let unit = |text: &str| u16::from_str_radix(text.strip_prefix("\\u")?, 16).ok();
    let (high, low) = (unit(text.get(..PAIR / 2)?)?, unit(text.get(PAIR / 2..PAIR)?)?);
    let mut characters = char::decode_utf16([high, low]);
    match (characters.next(), characters.next()) {
        (Some(Ok(character)), None) => Some(character),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(joined(text), expected);
    }

    #[test]
    fn yaml_is_left_alone() {
        assert_eq!(as_yaml(r#"a: "\ud83d\ude00""#), None);
        assert_eq!(as_yaml(r#"{"a": "\u00e9"}"#), None);
        assert_eq!(as_yaml(r#"["\ud83d\ude00"]"#).as_deref(), Some(r#"["\U0001f600"]"#));
    }

    #[test]
    fn pairs_are_joined_and_the_rest_is_kept() {
        check(r#""a \ud83d\ude00 b""#, r#""a \U0001f600 b""#);
        check(r#""\\ud83d\\ude00 \/ \n é""#, r#""\\ud83d\\ude00 \/ \n é""#);
        check(r#""\ud83d x \u00e9 \ud83"#, r#""\ud83d x \u00e9 \ud83"#);
        check("\\", "\\");
        check("\\é", "\\é");
    }
}
