//! `safe_docs`: replaces characters in documentation that would break the build or mislead a reader: line
//! breaks inside a line, other control characters, and those that reorder text. [`super::doc_text`] writes
//! the documentation, and names of the document get into that of other passes, too.

use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Expr, Lit, LitStr, Meta};

use super::Tree;
use crate::model::Model;
use crate::names::is_unsafe_in_text;

pub(super) fn apply(tree: &mut Tree, _: &Model) {
    for each in &mut tree.types {
        SafeDocs.visit_item_mut(&mut each.item);
        each.impls.iter_mut().for_each(|item| SafeDocs.visit_item_mut(item));
    }
    tree.methods.iter_mut().for_each(|method| SafeDocs.visit_impl_item_fn_mut(method));
    tree.client.iter_mut().for_each(|item| SafeDocs.visit_item_mut(item));
}

struct SafeDocs;

impl VisitMut for SafeDocs {
    fn visit_attribute_mut(&mut self, attribute: &mut Attribute) {
        visit_mut::visit_attribute_mut(self, attribute);
        let Meta::NameValue(meta) = &mut attribute.meta else { return };
        if !meta.path.is_ident("doc") {
            return;
        }
        if let Expr::Lit(literal) = &mut meta.value
            && let Lit::Str(text) = &literal.lit
            && text.value().contains(is_unsafe_in_text)
        {
            let safe = text.value().replace(is_unsafe_in_text, "\u{fffd}");
            literal.lit = Lit::Str(LitStr::new(&safe, text.span()));
        }
    }
}
