//! Writes and reads the words of a lock: plain where that is unambiguous, else as JSON strings.
//! [`super::lock`] says what the words mean.

/// The characters of a plain word, beside letters and digits.
const PLAIN: &str = "_.-/[]{}?:+";

/// One part of a line: `name`, `one|two`, `name=a,b` or `@name=a`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// Whether it begins with `@`.
    pub(super) marked: bool,
    /// The words before `=`, separated by `|`.
    pub(super) names: Vec<String>,
    /// The words after `=`, separated by `,`; `None` if there is no `=`.
    pub(super) values: Option<Vec<String>>,
}

/// Writes one word.
pub(super) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || PLAIN.contains(c);
    if !text.is_empty() && text.chars().all(is_plain) && !text.starts_with('[') {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}

/// Writes several words with `between` after all but the last.
pub(super) fn words<'a>(texts: impl IntoIterator<Item = &'a String>, between: &str) -> String {
    texts.into_iter().map(|text| word(text)).collect::<Vec<_>>().join(between)
}

/// Reads a line.
///
/// # Errors
///
/// Returns the column, from 1, at which the line stops making sense.
pub(super) fn parts(line: &str) -> Result<Vec<Part>, usize> {
    let mut reader = Reader { line, place: 0 };
    let mut found = Vec::new();
    loop {
        found.push(reader.part().ok_or_else(|| reader.column())?);
        match reader.next() {
            None => return Ok(found),
            Some(' ') => reader.step(),
            Some(_) => return Err(reader.column()),
        }
    }
}

struct Reader<'a> {
    line: &'a str,
    /// Bytes before the next character.
    place: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.line.get(self.place..).unwrap_or_default()
    }

    fn next(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn step(&mut self) {
        self.place += self.next().map_or(0, char::len_utf8);
    }

    fn takes(&mut self, wanted: char) -> bool {
        let found = self.next() == Some(wanted);
        if found {
            self.step();
        }
        found
    }

    fn column(&self) -> usize {
        self.line.get(..self.place).unwrap_or_default().chars().count() + 1
    }

    fn part(&mut self) -> Option<Part> {
        let marked = self.takes('@');
        let names = self.list('|')?;
        let values = if self.takes('=') { Some(self.list(',')?) } else { None };
        Some(Part { marked, names, values })
    }

    fn list(&mut self, between: char) -> Option<Vec<String>> {
        let mut found = vec![self.word()?];
        while self.takes(between) {
            found.push(self.word()?);
        }
        Some(found)
    }

    fn word(&mut self) -> Option<String> {
        if self.next() == Some('"') {
            return self.quoted();
        }
        let rest = self.rest();
        let end = rest.find([' ', '=', ',', '|', '"']).unwrap_or(rest.len());
        let text = rest.get(..end).filter(|text| !text.is_empty())?.to_owned();
        self.place += end;
        Some(text)
    }

    fn quoted(&mut self) -> Option<String> {
        let mut strings = serde_json::Deserializer::from_str(self.rest()).into_iter::<String>();
        let text = strings.next()?.ok()?;
        self.place += strings.byte_offset();
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back() {
        for text in
            ["a", "", "(body)", "a b", "[]", "a=b", "a,b", "a|b", "\"", "é\n", "@a", "a[].b{}", "#"]
        {
            let expected = Part { names: vec![text.to_owned()], ..Part::default() };
            assert_eq!(parts(&word(text)), Ok(vec![expected]), "{text}");
        }
    }

    #[test]
    fn an_odd_line_has_a_column() {
        for (line, column) in [("", 1), ("a  b", 3), ("a=", 3), ("a=b=c", 4), ("a \"b", 3)] {
            assert_eq!(parts(line), Err(column), "{line}");
        }
    }
}
