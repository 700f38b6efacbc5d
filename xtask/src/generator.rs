//! Runs the second half of the pipeline: from a document that passed the lint to formatted files.
//! [`crate::pipeline`] runs loading, overlays and the lint before it.

use crate::layout::Layout;
use crate::model::Model;
use crate::problem::Problem;
use crate::shape::Tree;
use crate::split::Part;
use crate::write::{Header, OutputFile};
use crate::{emit, lower, shape, split, stream};

/// Generates every file.
///
/// # Errors
///
/// Returns problems without a line if progenitor refuses a document that the lint accepts, or writes something
/// that a pass does not know.
pub fn generate(
    model: &Model,
    layout: &Layout,
    header: &Header,
) -> Result<Vec<OutputFile>, Vec<Problem>> {
    let parts = parts(model, layout)?;
    Ok(parts.into_iter().map(|part| output(&part, header)).collect())
}

/// Generates every file, but does not format it.
///
/// # Errors
///
/// The same as [`generate`].
pub fn parts(model: &Model, layout: &Layout) -> Result<Vec<Part>, Vec<Problem>> {
    let mut parts = split::split(tree(model)?, layout);
    parts.extend(stream::part(model, layout));
    Ok(parts)
}

/// Formats the files and puts the header on top.
pub fn files(parts: &[Part], header: &Header) -> Vec<OutputFile> {
    parts.iter().map(|part| output(part, header)).collect()
}

/// Generates the syntax tree, before it is split into files.
///
/// # Errors
///
/// The same as [`generate`].
pub fn tree(model: &Model) -> Result<Tree, Vec<Problem>> {
    let emitted = emit::emit(lower::lower(model)).map_err(|what| vec![refused(what)])?;
    shape::shape(emitted, model)
}

fn output(part: &Part, header: &Header) -> OutputFile {
    let code = blank_lines(&prettyplease::unparse(&part.file));
    let contents = format!("{}\n//! {}\n\n{code}", header.render(), part.about);
    OutputFile { path: part.path.clone(), contents }
}

/// Puts an empty line between items, because prettyplease leaves it out.
pub fn blank_lines(code: &str) -> String {
    let mut spaced = String::with_capacity(code.len() + code.len() / 16);
    let mut previous = "";
    for line in code.lines() {
        if ends_item(previous) && starts_item(line, previous) {
            spaced.push('\n');
        }
        spaced.push_str(line);
        spaced.push('\n');
        previous = line;
    }
    spaced
}

/// Whether a line ends an item: a closing brace, a one-line item, or the last line of the
/// attributes.
fn ends_item(line: &str) -> bool {
    let closes = matches!(line, "}" | "    }" | "    ];" | ")]");
    closes || is_use(line) || is_one_line(line)
}

fn starts_item(line: &str, previous: &str) -> bool {
    let closes = line.trim_start().starts_with(['}', ')', ']']);
    let continues = is_use(line) && is_use(previous);
    !closes && !line.is_empty() && indent(line) <= indent(previous) && !continues
}

fn is_use(line: &str) -> bool {
    line.starts_with("use ") && line.ends_with(';')
}

fn is_one_line(line: &str) -> bool {
    let start = line.trim_start();
    ["pub type ", "pub const ", "const "].iter().any(|item| start.starts_with(item))
        && line.ends_with(';')
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn refused(what: String) -> Problem {
    Problem::error("generator", what)
        .why("the generator failed although the lint found no problem")
        .fix("report the document; until then, write the named part in a simpler form")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_set_apart() {
        let code = "use a;\nuse b;\n/// A.\nstruct A {\n    a: u8,\n}\nimpl A {\n    fn a() {}\n    \
                    fn b() {\n        b(|| {\n        })\n    }\n    fn c() {}\n}\ntype T = u8;\n";
        let spaced = "use a;\nuse b;\n\n/// A.\nstruct A {\n    a: u8,\n}\n\nimpl A {\n    fn a() {}\n    \
                      fn b() {\n        b(|| {\n        })\n    }\n\n    fn c() {}\n}\n\ntype T = u8;\n";
        assert_eq!(blank_lines(code), spaced);
    }
}
