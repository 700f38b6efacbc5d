//! Accepts a list or an object in brackets that ends in the column of its key, as other YAML readers do.
//! [`super::build`] reads the result.

/// The text with each such closing bracket one column further to the right. `None` if there is none.
pub(super) fn indented(text: &str) -> Option<String> {
    let mut changed = String::with_capacity(text.len() + text.len() / 64);
    let mut block: Option<usize> = None;
    let mut any = false;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let indent = line.len() - line.trim_start().len();
        if block.is_some_and(|outer| !content.is_empty() && indent <= outer) {
            block = None;
        }
        if block.is_none() && content.starts_with([']', '}']) {
            changed.push(' ');
            any = true;
        }
        changed.push_str(line);
        if block.is_none() && begins_block(content) {
            block = Some(indent);
        }
    }
    any.then_some(changed)
}

/// Whether a line ends with the mark of a text in lines, such as `|` or `>-`.
fn begins_block(line: &str) -> bool {
    let last = line.rsplit([' ', '\t']).next().unwrap_or_default();
    let mut marks = last.chars();
    matches!(marks.next(), Some('|' | '>'))
        && marks.all(|mark| matches!(mark, '+' | '-' | '1'..='9'))
        && !line.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ends_outside_of_texts_move() {
        let text = "a: [\n  1\n]\nb: |\n  {\n  }\nc: {\n}\n";
        let expected = "a: [\n  1\n ]\nb: |\n  {\n  }\nc: {\n }\n";
        assert_eq!(indented(text).as_deref(), Some(expected));
        assert_eq!(indented("a: [1]\n"), None);
    }
}
