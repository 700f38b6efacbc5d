//! Patterns of texts, such as the name of a model. [`conditions`](super::conditions) applies them to requests.

use std::fmt;

use regex::{Regex, RegexBuilder};

/// A pattern of a text. A string becomes a pattern of the whole text, in which
///
/// - `*` stands for any text, also for none and for several lines,
/// - `\*` stands for an asterisk, and `\\` for a backslash,
/// - every other character stands for itself.
///
/// ```
/// use chatwire_mock::{Pattern, Rule};
///
/// let rule = Rule::new().model("gpt-*").last_message(Pattern::regex("(?i)weather in [a-z]+")?);
/// # Ok::<(), chatwire_mock::ParsePatternError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pattern(Kind);

#[derive(Clone, Debug)]
enum Kind {
    /// The texts between the wildcards, at least one.
    Wildcards {
        first: String,
        others: Vec<String>,
    },
    Regex(Regex),
}

/// A text that is not a regular expression. `Display` says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsePatternError {
    message: String,
}

impl Pattern {
    /// A regular expression in the syntax of the crate `regex`. It matches if any part of the text does;
    /// `^` and `$` stand for the ends of the text.
    ///
    /// # Errors
    /// Returns an error if the text is not a regular expression, or takes more than 1 MiB.
    pub fn regex(text: &str) -> Result<Self, ParsePatternError> {
        let regex = RegexBuilder::new(text).size_limit(LARGEST).build();
        let regex = regex.map_err(|error| {
            // The lines before the last one show the expression.
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or_default();
            let reason = reason.strip_prefix("error: ").unwrap_or(reason);
            ParsePatternError { message: format!("/{text}/ is not a regular expression: {reason}") }
        })?;
        Ok(Self(Kind::Regex(regex)))
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        match &self.0 {
            Kind::Wildcards { first, others } => is_match(first, others, text),
            Kind::Regex(regex) => regex.is_match(text),
        }
    }
}

fn is_match(first: &str, others: &[String], text: &str) -> bool {
    let Some((last, between)) = others.split_last() else { return text == first };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for part in between {
        // The earliest place leaves the most for the parts after it.
        let Some((_, after)) = rest.split_once(part.as_str()) else { return false };
        rest = after;
    }
    rest.ends_with(last.as_str())
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        let mut parts = vec![String::new()];
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let escaped = chars.next_if(|next| c == '\\' && matches!(next, '*' | '\\'));
            match (escaped.unwrap_or(c), parts.last_mut()) {
                ('*', _) if escaped.is_none() => parts.push(String::new()),
                (c, Some(part)) => part.push(c),
                (_, None) => {}
            }
        }
        let others = parts.split_off(1);
        Self(Kind::Wildcards { first: parts.concat(), others })
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Wildcards { first, others } => {
                let escape = |part: &str| part.replace('\\', "\\\\").replace('*', "\\*");
                write!(f, "'{}", escape(first))?;
                others.iter().try_for_each(|part| write!(f, "*{}", escape(part)))?;
                f.write_str("'")
            }
            Kind::Regex(regex) => write!(f, "/{regex}/"),
        }
    }
}

impl fmt::Display for ParsePatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParsePatternError {}

/// The bytes that a regular expression may take.
const LARGEST: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let pattern = Pattern::from(pattern);
        for text in yes {
            assert!(pattern.is_match(text), "{pattern} {text:?}");
        }
        for text in no {
            assert!(!pattern.is_match(text), "{pattern} {text:?}");
        }
    }

    #[test]
    fn wildcards() {
        check("", &[""], &["a"]);
        check("*", &["", "a\nb"], &[]);
        check("gpt", &["gpt"], &["gpt-4", "a gpt", "GPT"]);
        check("gpt*", &["gpt", "gpt-4"], &["my-gpt"]);
        check("*é*", &["é", "café au lait"], &["cafe"]);
        check("a*a", &["aa", "aba", "a\na"], &["a", "ab"]);
        check("a*b*c", &["abc", "a b bc"], &["acb", "ab"]);
        check("*ab*ab", &["abab", "abxab"], &["ab", "aab"]);
        check(r"2 \* \\*", &[r"2 * \ 3"], &["2 3"]);
        check(r"a\b", &[r"a\b"], &["ab"]);
    }

    #[test]
    fn expressions() {
        let pattern = Pattern::regex("(?i)^say [a-z]+$").unwrap();
        assert!(pattern.is_match("Say HI") && !pattern.is_match("Say HI!"));
        let error = Pattern::regex("(a").unwrap_err().to_string();
        assert_eq!(error, "/(a/ is not a regular expression: unclosed group");
    }

    #[test]
    fn patterns_are_shown_as_they_are_written() {
        for text in ["a*b", r"2 \* 3*", ""] {
            assert_eq!(Pattern::from(text).to_string(), format!("'{text}'"));
        }
        assert_eq!(Pattern::regex("a|b").unwrap().to_string(), "/a|b/");
    }
}
