//! Runs stock progenitor over the lowered document and parses its output. [`crate::lower`] changes
//! the input before it, and [`crate::shape`] the output after it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use progenitor::{GenerationSettings, Generator, InterfaceStyle};
use serde_json::Value;

/// Progenitor's output: the module of types, and the client beside it.
pub struct Emitted {
    /// The items of `mod types`.
    pub types: Vec<syn::Item>,
    /// Everything else.
    pub client: Vec<syn::Item>,
}

/// Runs progenitor, or returns why it failed.
pub fn emit(lowered: Value) -> Result<Emitted, String> {
    let document = serde_json::from_value(lowered)
        .map_err(|error| format!("the document is not OpenAPI 3.0: {error}"))?;
    // Progenitor panics on some valid documents. The lint knows most of these cases, and this
    // catches the others.
    let outcome = catch_unwind(AssertUnwindSafe(|| tokens(&document)));
    let file = outcome.map_err(|panic| format!("progenitor panicked: {}", message(&*panic)))??;
    Ok(split_types(file))
}

fn tokens(document: &openapiv3::OpenAPI) -> Result<syn::File, String> {
    let mut settings = GenerationSettings::default();
    settings.with_interface(InterfaceStyle::Positional).with_map_type("OrderedMap");
    let tokens = Generator::new(&settings)
        .generate_tokens(document)
        .map_err(|error| format!("progenitor refused the document: {error}"))?;
    syn::parse2(tokens).map_err(|error| format!("progenitor gave no Rust: {error}"))
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

fn split_types(file: syn::File) -> Emitted {
    let mut emitted = Emitted { types: Vec::new(), client: Vec::new() };
    for item in file.items {
        match item {
            syn::Item::Mod(module) if module.ident == "types" => {
                emitted.types.extend(module.content.into_iter().flat_map(|(_, items)| items));
            }
            item => emitted.client.push(item),
        }
    }
    emitted
}
