//! The list of passes that turn progenitor's output into the code that users read, in their order.
//! Each pass is one file with one idea, and reads the document through [`crate::model`].

mod aliases;
mod all_items;
mod bare_types;
mod client_runtime;
mod constructors;
mod deep_objects;
mod deprecations;
mod derives;
mod doc_text;
mod extra_fields;
mod field_order;
mod header_parameters;
mod json_schemas;
mod kept_nulls;
mod open_enums;
mod optional_fields;
mod optional_parameters;
mod parameter_names;
mod request_bodies;
mod safe_docs;
mod serde_impls;
mod stream_methods;
mod tagged_unions;
mod tree;
mod unknown_impls;
mod validate_impls;

pub use tree::{Tree, Type};
pub use validate_impls::character_class;

use crate::emit::Emitted;
use crate::model::Model;
use crate::problem::Problem;

/// A pass: a function that changes the tree as the document says.
type Pass = fn(&mut Tree, &Model);

/// The passes, in order, with their names.
pub const PASSES: &[(&str, Pass)] = &[
    ("bare_types", bare_types::apply),
    ("aliases", aliases::apply),
    ("field_order", field_order::apply),
    ("optional_fields", optional_fields::apply),
    ("extra_fields", extra_fields::apply),
    ("kept_nulls", kept_nulls::apply),
    ("open_enums", open_enums::apply),
    ("tagged_unions", tagged_unions::apply),
    ("derives", derives::apply),
    ("serde_impls", serde_impls::apply),
    ("unknown_impls", unknown_impls::apply),
    ("validate_impls", validate_impls::apply),
    ("json_schemas", json_schemas::apply),
    ("constructors", constructors::apply),
    ("client_runtime", client_runtime::apply),
    ("parameter_names", parameter_names::apply),
    ("request_bodies", request_bodies::apply),
    ("deep_objects", deep_objects::apply),
    ("optional_parameters", optional_parameters::apply),
    ("header_parameters", header_parameters::apply),
    ("all_items", all_items::apply),
    ("stream_methods", stream_methods::apply),
    ("deprecations", deprecations::apply),
    ("doc_text", doc_text::apply),
    ("safe_docs", safe_docs::apply),
];

/// Runs every pass.
///
/// # Errors
///
/// Returns what a pass expected from progenitor and did not find, because a pass that finds nothing to do would
/// leave something out without a word.
pub fn shape(emitted: Emitted, model: &Model) -> Result<Tree, Vec<Problem>> {
    let mut tree = Tree::new(emitted, model);
    complete(&mut tree, "tree")?;
    for (name, pass) in PASSES {
        pass(&mut tree, model);
        complete(&mut tree, name)?;
    }
    Ok(tree)
}

fn complete(tree: &mut Tree, pass: &str) -> Result<(), Vec<Problem>> {
    let missing = tree.missing.take().into_iter().map(|(pointer, what)| {
        Problem::error("generator", format!("`{pass}` expects {what} from progenitor, and it is not there"))
            .why("the generated code would lack something that the document says")
            .fix(format!("adapt xtask/src/shape/{pass}.rs to this version of progenitor, or go back to the one before"))
            .at_pointer(pointer)
    });
    let missing: Vec<Problem> = missing.collect();
    if missing.is_empty() { Ok(()) } else { Err(missing) }
}
