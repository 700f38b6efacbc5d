//! `doc_text`: turns the descriptions of types, fields and methods into documentation in which
//! rustdoc finds no accidental link, tag, code block or doctest. The passes that make functions
//! document them.

use std::collections::HashMap;

use quote::format_ident;
use syn::{Attribute, Fields, Item, ItemEnum, parse_quote};

use super::Tree;
use super::tree::Type;
use crate::load::Node;
use crate::model::{
    Arm, Component, EnumValue, Kind, MethodForm, Model, Operation, Property, Union,
};

/// The width of the documentation.
const WIDTH: usize = 92;

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for each in &mut tree.types {
        let Some(component) = model.component(&each.name) else { continue };
        document_type(each, component);
    }
    for method in &mut tree.methods {
        let name = method.sig.ident.to_string();
        let Some((operation, form)) = model.operation_of(&name) else { continue };
        method.attrs.retain(|attribute| !attribute.path().is_ident("doc"));
        let mut attributes =
            attributes(&operation_doc(operation, form, model.has_stream_key(operation)));
        attributes.append(&mut method.attrs);
        method.attrs = attributes;
    }
}

fn document_type(each: &mut Type, component: &Component) {
    let mut docs = attributes(&component_doc(component));
    match &mut each.item {
        Item::Struct(item) => {
            docs.append(&mut item.attrs);
            item.attrs = docs;
            document_fields(&mut item.fields, component);
        }
        Item::Enum(item) => {
            docs.append(&mut item.attrs);
            item.attrs = docs;
            document_variants(item, component);
        }
        Item::Type(item) => item.attrs = docs,
        _ => {}
    }
}

fn component_doc(component: &Component) -> String {
    format!("{}\n\nDocument: `#/components/schemas/{}`.", component.description, component.name)
}

fn document_fields(fields: &mut Fields, component: &Component) {
    for field in fields.iter_mut() {
        let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
        let text = match component.field(&name) {
            Some(property) => property_doc(property),
            None if name == "nulls" => "The keys that came as null.".to_owned(),
            None => "Keys that the document does not know, and known ones whose value has another \
                     shape than documented, in the order in which they came."
                .to_owned(),
        };
        let mut docs = attributes(&text);
        docs.append(&mut field.attrs);
        field.attrs = docs;
    }
}

fn property_doc(property: &Property) -> String {
    let mut paragraphs = vec![property.description.clone()];
    paragraphs.extend(bounds(property));
    if !property.services.is_empty() {
        paragraphs.push(format!("Extension of {}.", property.services.join(", ")));
    }
    if let Some(reason) = &property.wire_optional {
        paragraphs.push(format!("May be missing: {}", sentence(reason)));
    }
    paragraphs.join("\n\n")
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}

/// The bounds in the document. The Rust type does not check them.
fn bounds(property: &Property) -> Option<String> {
    let bound = |key: &str| property.schema.get(key).and_then(Node::as_number);
    let least =
        bound("minimum").filter(|least| least.as_f64() != Some(0.0) || bound("maximum").is_some());
    match (least, bound("maximum")) {
        (Some(least), Some(most)) => Some(format!("From {least} to {most}.")),
        (Some(least), None) => Some(format!("At least {least}.")),
        (None, Some(most)) => Some(format!("At most {most}.")),
        (None, None) => None,
    }
}

fn document_variants(item: &mut ItemEnum, component: &Component) {
    let (texts, of_unknown): (HashMap<&str, String>, _) = match &component.kind {
        Kind::Enum(values) => (
            values.iter().map(|value| (value.variant.as_str(), value_doc(value))).collect(),
            "A value that the document does not know, kept as it came.",
        ),
        Kind::Union(union) => (
            union.arms.iter().map(|arm| (arm.variant.as_str(), arm_doc(arm, union))).collect(),
            "JSON that the document does not know, kept as it came.",
        ),
        _ => return,
    };
    for variant in &mut item.variants {
        let text = texts.get(variant.ident.to_string().as_str()).map_or(of_unknown, String::as_str);
        variant.attrs.splice(0..0, attributes(text));
    }
}

fn value_doc(value: &EnumValue) -> String {
    match value.description {
        "" => format!("`{}`.", value.text),
        description => format!("`{}`: {description}", value.text),
    }
}

fn arm_doc(arm: &Arm, union: &Union) -> String {
    if arm.tag_values.is_empty() {
        return arm.description.clone();
    }
    let tags: Vec<String> = arm.tag_values.iter().map(|value| format!("`{value}`")).collect();
    let tag = union.tag.unwrap_or_default();
    format!("`{tag}` is {}: {}", tags.join(" or "), arm.description)
}

fn operation_doc(operation: &Operation, form: MethodForm, has_stream_key: bool) -> String {
    let stream = "Returns the answer as an event stream: the bytes as they come, for `chatwire-stream` to read.";
    let set = "The request is sent with `stream` set to true.";
    let whole = "Returns the whole answer. `stream` of the request is ignored.";
    let with = "Takes the optional parameters, too.";
    let all = "Goes through all items of all pages, from `after` on. Each page is asked for when it is needed; \
               nothing is sent before.";
    let is_stream = matches!(form, MethodForm::Stream | MethodForm::StreamWith);
    let is_whole = matches!(form, MethodForm::Plain | MethodForm::With);
    let what = [
        (is_stream, stream),
        (is_stream && has_stream_key, set),
        (is_whole && has_stream_key, whole),
        (matches!(form, MethodForm::With | MethodForm::StreamWith), with),
        (form == MethodForm::All, all),
    ];
    let what: Vec<&str> =
        what.into_iter().filter_map(|(applies, text)| applies.then_some(text)).collect();
    let mut paragraphs = vec![
        if operation.summary.is_empty() { String::new() } else { sentence(operation.summary) },
        what.join(" "),
        operation.description.to_owned(),
        parameter_list(operation),
        format!("Document: `{} {}`.", operation.method.to_uppercase(), operation.path),
        errors(form).to_owned(),
    ];
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs.join("\n\n")
}

fn errors(form: MethodForm) -> &'static str {
    match form {
        MethodForm::All => "# Errors\n\nIf a page does not come, its [`Error`] is the last item.",
        _ => {
            "# Errors\n\nAny status but success, and everything that keeps an answer from coming: see \
             [`Error`]."
        }
    }
}

/// The arguments of the methods. The optional parameters are documented at their setters.
fn parameter_list(operation: &Operation) -> String {
    let arguments = operation.parameters.iter().filter(|parameter| parameter.required);
    let lines = arguments.map(|parameter| {
        let description = parameter.description.replace('\n', " ");
        format!("- `{}`: {description}", parameter.argument)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The text as `///` lines.
pub(super) fn attributes(text: &str) -> Vec<Attribute> {
    let lines = lines(text);
    lines
        .iter()
        .map(|line| {
            let line = if line.is_empty() { String::new() } else { format!(" {line}") };
            let doc = format_ident!("doc");
            parse_quote! { #[#doc = #line] }
        })
        .collect()
}

/// Wraps paragraphs and list items, and escapes each line.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in paragraphs(text) {
        let in_list = lines.last().is_some_and(|line| is_inside_item(line));
        let continues = in_list && is_item(&paragraph);
        if !lines.is_empty() && !continues {
            lines.push(String::new());
        }
        wrap(&safe(&paragraph), &mut lines);
    }
    lines
}

fn is_item(paragraph: &str) -> bool {
    paragraph.starts_with("- ")
}

fn is_inside_item(line: &str) -> bool {
    line.starts_with("- ") || line.starts_with("  ")
}

/// Joins the lines of each paragraph and of each list item. Fences and indents are removed, so that
/// rustdoc runs nothing.
fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with("```") || line.starts_with("~~~") {
            open = false;
        } else if open && !is_item(line) {
            if let Some(last) = paragraphs.last_mut() {
                last.push(' ');
                last.push_str(line);
            }
        } else {
            paragraphs.push(line.to_owned());
            open = true;
        }
    }
    paragraphs
}

fn wrap(paragraph: &str, lines: &mut Vec<String>) {
    let indent = if is_item(paragraph) { "  " } else { "" };
    let mut line = String::new();
    for word in paragraph.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, indent.trim_end().to_owned()));
            line.push_str(indent);
        } else if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
}

/// Escapes markup of Markdown and rustdoc, except in code spans and in our own links.
fn safe(text: &str) -> String {
    let mut safe = String::new();
    let balanced = text.matches('`').count().is_multiple_of(2);
    let mut code = false;
    for (position, character) in text.char_indices() {
        let rest = text.get(position..).unwrap_or_default();
        match character {
            '`' if !balanced => safe.push_str("\\`"),
            '`' => {
                code = !code;
                safe.push('`');
            }
            '[' if rest.starts_with("[`Error`]") => safe.push('['),
            ']' if safe.ends_with("[`Error`") => safe.push(']'),
            '[' | ']' | '<' | '>' if !code => {
                safe.push('\\');
                safe.push(character);
            }
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(lines(text), expected);
    }

    #[test]
    fn code_blocks_do_not_run() {
        check(
            "Before.\n\n```\npanic!()\n```\n\n    indented()\n",
            &["Before.", "", "panic!()", "", "indented()"],
        );
    }

    #[test]
    fn brackets_and_tags_are_text() {
        check("See [this] and <b> but `[1]`.", &["See \\[this\\] and \\<b\\> but `[1]`."]);
        check("An odd ` mark [x]", &["An odd \\` mark \\[x\\]"]);
    }

    #[test]
    fn paragraphs_are_joined_and_wrapped() {
        let long = "word ".repeat(30);
        let wrapped = lines(&format!("a\nb\n\n- {long}"));
        assert_eq!(wrapped.first().map(String::as_str), Some("a b"));
        assert!(wrapped.iter().all(|line| line.len() <= WIDTH), "{wrapped:?}");
        assert!(wrapped.last().is_some_and(|line| line.starts_with("  word")), "{wrapped:?}");
    }
}
