//! The list of services, and the places where a sentence names one of them. [`super::keys`] finds the
//! sentences.

use std::collections::HashMap;

use crate::load::Document;
use crate::problem::Problem;

/// The services that the document knows.
#[derive(Clone, Debug)]
pub struct Services {
    /// The name in the document, and how people call the service, sorted by name.
    names: Vec<(String, String)>,
    /// What sentences call the services, by the first letter: the word, and the name in the document.
    words: HashMap<char, Vec<(String, String)>>,
}

/// A part of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// A text that names no service.
    Text(&'a str),
    /// A text that names a service, and the name of the service in the document.
    Service(&'a str, &'a str),
}

/// The name of the service whose reference the document follows, and how its sentences call it.
const OFFICIAL: (&str, &str) = ("openai", "official service");

impl Services {
    /// Reads the services of `document`.
    ///
    /// # Errors
    ///
    /// Returns a problem if the document does not list its services.
    pub fn new(document: &Document) -> Result<Self, Problem> {
        let Some(list) = document.root.get("x-service-names") else {
            return Err(Problem::error("missing-key", "the document has no `x-service-names`")
                .why("the page lists the keys of each service")
                .fix("add `x-service-names:` with the services that `x-services` names")
                .at(&document.root.at));
        };
        let entries = list.entries().iter();
        let name = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let mut names: Vec<_> =
            entries.map(|entry| (entry.key.clone(), name(entry.value.as_str()))).collect();
        names.sort();
        Ok(Self::named(names))
    }

    fn named(names: Vec<(String, String)>) -> Self {
        let both = names.iter().flat_map(|(name, title)| [(name, name), (title, name)]);
        let all = both.map(|(word, name)| (word.clone(), name.clone()));
        let official = (OFFICIAL.1.to_owned(), OFFICIAL.0.to_owned());
        let mut words: HashMap<char, Vec<_>> = HashMap::new();
        for (word, name) in all.chain([official]) {
            if let Some(first) = word.chars().next() {
                words.entry(first).or_default().push((word, name));
            }
        }
        Self { names, words }
    }

    /// The name of each service in the document, and how people call it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().map(|(name, title)| (name.as_str(), title.as_str()))
    }

    /// How people call a service; its name if the list does not have it.
    pub fn title<'a>(&'a self, name: &'a str) -> &'a str {
        self.iter().find(|(known, _)| *known == name).map_or(name, |(_, title)| title)
    }

    /// Cuts a sentence at the names of services.
    pub fn parts<'a>(&'a self, sentence: &'a str) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        let mut rest = sentence;
        while let Some((start, end, name)) = self.first(rest) {
            parts.push(Part::Text(rest.get(..start).unwrap_or_default()));
            parts.push(Part::Service(rest.get(start..end).unwrap_or_default(), name));
            rest = rest.get(end..).unwrap_or_default();
        }
        parts.push(Part::Text(rest));
        parts.retain(|part| *part != Part::Text(""));
        parts
    }

    /// The first place that names a service: the longest name, if several begin there.
    fn first<'a>(&'a self, text: &str) -> Option<(usize, usize, &'a str)> {
        text.char_indices().find_map(|(start, first)| {
            let known = self.words.get(&first)?.iter();
            let here = known.filter(|(word, _)| {
                let rest = text.get(start..).unwrap_or_default();
                rest.starts_with(word.as_str()) && is_word(text, start, start + word.len())
            });
            let (word, name) = here.max_by_key(|(word, _)| word.len())?;
            Some((start, start + word.len(), name.as_str()))
        })
    }
}

/// Whether the bytes from `start` to `end` are a word of their own. A full stop is part of a word if a
/// letter follows, as in `mistral.rs`.
fn is_word(text: &str, start: usize, end: usize) -> bool {
    let belongs = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
    let before = text.get(..start).unwrap_or_default().chars().next_back();
    let mut after = text.get(end..).unwrap_or_default().chars();
    let goes_on = match after.next() {
        Some('.') => after.next().is_some_and(char::is_alphanumeric),
        next => next.is_some_and(belongs),
    };
    !before.is_some_and(|before| belongs(before) || before == '.') && !goes_on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences() {
        let names = [("mistral", "Mistral"), ("mistral.rs", "mistral.rs"), ("nim", "NVIDIA NIM")];
        let names = names.map(|(name, title)| (name.to_owned(), title.to_owned())).to_vec();
        let services = Services::named(names);
        let named = |sentence| {
            let parts = services.parts(sentence);
            let names = parts.iter().filter_map(|part| match part {
                Part::Service(text, name) => Some(format!("{text}={name}")),
                Part::Text(_) => None,
            });
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            named("mistral.rs and mistral leave it out."),
            "mistral.rs=mistral.rs mistral=mistral"
        );
        assert_eq!(named("The models of NVIDIA NIM."), "NVIDIA NIM=nim");
        assert_eq!(named("The official service, but minim-al does."), "official service=openai");
        assert_eq!(named("Only mistral."), "mistral=mistral");
    }
}
