//! Makes texts safe for HTML. The modules that write pages build the elements around them.

/// A text that is safe between tags and in quoted attributes.
///
/// ```
/// assert_eq!(xtask::html_text::escape("<a title='b'>"), "&lt;a title=&#39;b&#39;&gt;");
/// ```
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A sentence in which backticks quote code.
///
/// ```
/// assert_eq!(xtask::html_text::with_code("set `n`"), "set <code>n</code>");
/// ```
pub fn with_code(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let part = |(index, part): (usize, &&str)| match index % 2 {
        1 => format!("<code>{}</code>", escape(part)),
        _ => escape(part),
    };
    parts.iter().enumerate().map(part).collect()
}
