//! The names of change files. [`super::file`] has their content.

/// The words of a sentence that a name holds at most.
const WORDS: usize = 6;

/// Makes the name of a change file from a sentence: its first words in lower case with hyphens.
///
/// ```
/// use xtask::changes::slug;
///
/// assert_eq!(slug("`max_tool_calls` is new in requests."), "max-tool-calls-is-new-in");
/// ```
pub fn slug(sentence: &str) -> String {
    let words =
        sentence.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.take(WORDS).map(str::to_ascii_lowercase).collect();
    if words.is_empty() { "change".to_owned() } else { words.join("-") }
}

/// Whether a name is one that every file system keeps as it is.
pub(super) fn is_slug(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_plain)
}
