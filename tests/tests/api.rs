//! Tests the whole public interface as one snapshot: a line for each type, field, variant and
//! method, so that a reviewer sees what an upgrade adds and removes. `growth.rs` tests that
//! additions break no user.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test has no other way to say so")]

use std::fmt::Write;

use quote::ToTokens;
use syn::{Fields, ImplItem, Item};
use xtask::generator;
use xtask::load::Document;
use xtask::model::{EnumValue, Kind, Model};
use xtask::shape::{Tree, Type};

use crate::document::documents;

#[test]
fn the_interface_in_lines() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (name, document) in documents() {
        let document = Document::parse("api.json", &document.to_string()).unwrap();
        let model = Model::read(&document);
        let tree = generator::tree(&model).unwrap();
        let name = if name == "chat" { "api".to_owned() } else { format!("{name}.api") };
        settings.bind(|| insta::assert_snapshot!(name, lines(&tree, &model)));
    }
}

fn lines(tree: &Tree, model: &Model) -> String {
    let mut lines = String::new();
    for each in &tree.types {
        match model.component(&each.name).map(|component| &component.kind) {
            Some(Kind::Enum(values)) => enum_lines(each, values, &mut lines),
            _ => type_lines(each, &mut lines),
        }
    }
    lines.push_str("\nimpl Client\n");
    for method in &tree.methods {
        writeln!(lines, "  {}", text(&method.sig)).unwrap();
    }
    // The optional parameters. Their fields are private, and each is a setter.
    for item in &tree.client {
        if let Item::Struct(item) = item {
            writeln!(lines, "\nstruct {}", item.ident).unwrap();
            field_lines(&item.fields, &mut lines);
        }
    }
    lines
}

/// An enum of strings. All of them have the same methods, so none is listed.
fn enum_lines(each: &Type, values: &[EnumValue], lines: &mut String) {
    writeln!(lines, "\nenum {} of strings", each.name).unwrap();
    for value in values {
        writeln!(lines, "  {} = {:?}", value.variant, value.text).unwrap();
    }
}

fn type_lines(each: &Type, lines: &mut String) {
    match &each.item {
        Item::Struct(item) => {
            writeln!(lines, "\nstruct {}", item.ident).unwrap();
            field_lines(&item.fields, lines);
        }
        Item::Enum(item) => {
            writeln!(lines, "\nenum {}", item.ident).unwrap();
            for variant in &item.variants {
                writeln!(lines, "  {}{}", variant.ident, text(&variant.fields)).unwrap();
            }
        }
        Item::Type(item) => writeln!(lines, "\ntype {} = {}", item.ident, text(&item.ty)).unwrap(),
        _ => {}
    }
    for block in each.impls.iter().filter(|block| !is_conversion(block)) {
        let Item::Impl(block) = block else { continue };
        block.items.iter().for_each(|item| method_line(item, lines));
    }
}

/// The conversions from the content of an arm are left out, because every union has them.
fn is_conversion(item: &Item) -> bool {
    matches!(item, Item::Impl(block) if block.trait_.is_some())
}

fn field_lines(fields: &Fields, lines: &mut String) {
    for field in fields {
        let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
        let old = field.attrs.iter().any(|attribute| attribute.path().is_ident("deprecated"));
        let mark = if old { " (deprecated)" } else { "" };
        writeln!(lines, "  {name}: {}{mark}", text(&field.ty)).unwrap();
    }
}

/// Constructors. Setters are left out, because they say the same as their fields.
fn method_line(item: &ImplItem, lines: &mut String) {
    if let ImplItem::Fn(method) = item
        && method.sig.ident == "new"
    {
        writeln!(lines, "  {}", text(&method.sig)).unwrap();
    }
}

/// Tokens without superfluous spaces.
fn text(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    let pairs = [
        (" < ", "<"),
        (" <", "<"),
        (" >", ">"),
        ("< ", "<"),
        (" :: ", "::"),
        (":: ", "::"),
        (" ,", ","),
        (" :", ":"),
        ("& ", "&"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        ("->", " -> "),
        ("  ", " "),
        (",)", ")"),
        (",>", ">"),
        (" ; ", "; "),
    ];
    pairs.iter().fold(text, |text, (from, to)| text.replace(from, to))
}
