//! Makes Rust names from wire names, by progenitor's rules. [`crate::lint`] checks for collisions.

/// The words that cannot be the name of a field.
const KEYWORDS: [&str; 51] = [
    "as", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
    "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "type", "unsafe", "use",
    "where", "while", "async", "await", "abstract", "become", "box", "do", "final", "gen", "macro",
    "override", "priv", "try", "typeof", "unsized", "virtual", "yield",
];

/// The name of a field, argument or method: `x-y` becomes `x_y`, `type` becomes `type_`.
pub fn field(name: &str) -> String {
    let words: Vec<String> = words(name).iter().map(|word| word.to_lowercase()).collect();
    let mut field = words.join("_");
    if field.is_empty() || field.starts_with(|first: char| first.is_ascii_digit()) {
        field.insert(0, '_');
    }
    if KEYWORDS.contains(&field.as_str()) {
        field.push('_');
    }
    field
}

/// The variables of the generated methods.
const LOCALS: [&str; 9] =
    ["body", "client", "header_map", "info", "parameters", "request", "response", "result", "url"];

/// The name of the argument for a parameter: that of a field, unless the method has such a variable.
pub fn argument(name: &str) -> String {
    let field = field(name);
    match LOCALS.contains(&field.as_str()) {
        true => format!("{field}_parameter"),
        false => field,
    }
}

/// The names of the methods that set and read the null of a field.
pub fn null_methods(field: &str) -> (String, String) {
    let bare = field.trim_end_matches('_');
    (format!("{bare}_or_null"), format!("is_{bare}_null"))
}

/// The name of an enum variant or a type: `tool_calls` becomes `ToolCalls`, `24h` becomes `X24h`.
pub fn variant(name: &str) -> String {
    let mut variant: String = words(name).iter().map(|word| capital(word)).collect();
    if variant.is_empty() {
        variant.push_str("Empty");
    }
    if variant.starts_with(|first: char| first.is_ascii_digit()) {
        variant.insert(0, 'X');
    }
    if variant == "Self" {
        variant.push('_');
    }
    variant
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// Splits a name at every character that is not a letter or digit, and before a capital after a
/// small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous = None;
    for character in name.chars() {
        let starts = character.is_uppercase() && previous.is_some_and(char::is_lowercase);
        if starts || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.push(character);
        }
        previous = Some(character);
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The names in the braces of a path, in order. `None` if braces do not match, or hold nothing.
///
/// ```
/// use xtask::names::placeholders;
///
/// assert_eq!(placeholders("/files/{id}:{verb}"), Some(vec!["id", "verb"]));
/// assert_eq!(placeholders("/files/{id"), None);
/// ```
pub fn placeholders(path: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut parts = path.split('{');
    if parts.next()?.contains('}') {
        return None;
    }
    for part in parts {
        let (name, rest) = part.split_once('}')?;
        if name.is_empty() || rest.contains('}') {
            return None;
        }
        names.push(name);
    }
    Some(names)
}

/// Whether a character must not be in a comment or a message: control characters, and those that reorder text.
pub fn is_unsafe_in_text(character: char) -> bool {
    let reorders = matches!(character, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    reorders || character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        let names = ["createChatCompletion", "type", "x-y", "top_p", "24h"];
        assert_eq!(
            names.map(field),
            ["create_chat_completion", "type_", "x_y", "top_p", "_24h"].map(str::to_owned)
        );
    }

    #[test]
    fn arguments() {
        assert_eq!(["request", "x-y"].map(argument), ["request_parameter", "x_y"]);
    }

    #[test]
    fn variants() {
        let names = ["tool_calls", "image_url", "gpt-4o", "24h", "", "chat.completion.chunk"];
        assert_eq!(
            names.map(variant),
            ["ToolCalls", "ImageUrl", "Gpt4o", "X24h", "Empty", "ChatCompletionChunk"]
                .map(str::to_owned)
        );
    }
}
