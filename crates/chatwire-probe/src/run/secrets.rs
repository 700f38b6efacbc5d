//! Removes keys from what a report shows. [`runner`](super::runner) passes every text of a request or an answer
//! through it.

/// The texts that no report shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    pub(crate) fn new<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut all: Vec<String> = Vec::new();
        for value in values.map(str::trim).filter(|value| value.len() >= SHORTEST) {
            all.push(value.to_owned());
            let json = serde_json::to_string(value).unwrap_or_default();
            all.push(json.trim_matches('"').to_owned());
        }
        // A secret may be a part of another one.
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        all.dedup();
        Self(all)
    }

    pub(crate) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            text = text.replace(secret.as_str(), HIDDEN);
        }
        text
    }
}

const HIDDEN: &str = "***";

/// Shorter texts are shown, because they are not secret and occur in many other words.
const SHORTEST: usize = 6;
