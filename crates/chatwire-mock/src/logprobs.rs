//! Makes up the log-probabilities of a text, the same every time. [`answer`](crate::answer) adds them if the
//! request asks for them.

use serde_json::{Value, json};

use crate::text;

/// The tokens of a text, each with its log-probability and with this many alternatives.
pub(crate) fn entries(text: &str, alternatives: usize) -> Value {
    let tokens = text::tokens(text).enumerate();
    tokens.map(|(position, token)| entry(token, position, alternatives)).collect()
}

/// About the bytes that the entries take in memory.
pub(crate) fn size(text: &str, alternatives: usize) -> usize {
    const EACH: usize = 250;
    text::tokens(text).count().saturating_mul((1 + alternatives) * EACH)
}

fn entry(token: &str, position: usize, alternatives: usize) -> Value {
    // No two tokens in a row have the same.
    let logprob = -0.015625 * (1 + position % 7) as f64;
    let others = WORDS.iter().filter(|word| **word != token);
    let others = (1..).zip(others).map(|(rank, word)| alternative(word, logprob - f64::from(rank)));
    let top = std::iter::once(alternative(token, logprob)).chain(others).take(alternatives);
    let top: Value = top.collect();
    json!({"token": token, "logprob": logprob, "bytes": token.as_bytes(), "top_logprobs": top})
}

fn alternative(token: &str, logprob: f64) -> Value {
    json!({"token": token, "logprob": logprob, "bytes": token.as_bytes()})
}

/// The alternatives to a token. A request can ask for 20, of which the token is the first.
const WORDS: [&str; 20] = [
    " the", " a", " is", " of", " and", " to", " in", " it", " that", " for", " on", " as",
    " with", " at", " by", " from", " or", " an", " be", " this",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_join_to_the_text() {
        let text = "This is a café 😀";
        let entries = entries(text, 20);
        let entries = entries.as_array().unwrap();
        let tokens: Vec<_> = entries.iter().map(|entry| entry["token"].as_str().unwrap()).collect();
        assert_eq!(tokens.concat(), text);
        for entry in entries {
            let top = entry["top_logprobs"].as_array().unwrap();
            assert_eq!((top.len(), &top[0]["token"]), (20, &entry["token"]));
            let logprobs: Vec<_> = top.iter().map(|one| one["logprob"].as_f64().unwrap()).collect();
            assert!(logprobs.is_sorted_by(|a, b| a > b), "{logprobs:?}");
            let total: f64 = logprobs.iter().map(|logprob| logprob.exp()).sum();
            assert!(logprobs[0] < 0.0 && total < 2.0, "{total}");
        }
    }

    #[test]
    fn no_alternatives() {
        assert_eq!(entries("Hi", 0)[0]["top_logprobs"], json!([]));
        assert_eq!(entries("", 3), json!([]));
    }
}
