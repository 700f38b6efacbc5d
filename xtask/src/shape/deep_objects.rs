//! `deep_objects`: adds the query parameters that are maps, `metadata[key]=value`. `lower` removed
//! them because progenitor refuses them.

use quote::format_ident;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ImplItemFn, parse_quote};

use super::Tree;
use crate::model::{Model, Parameter};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for method in &mut tree.methods {
        let Some(operation) = model.operation(&method.sig.ident.to_string()) else { continue };
        for parameter in operation.deep_objects() {
            let is_added = add(method, parameter);
            tree.missing.in_operation(is_added, operation, "one call of `.build()`");
        }
    }
}

fn add(method: &mut ImplItemFn, parameter: &Parameter) -> bool {
    let argument = format_ident!("{}", parameter.argument);
    method.sig.inputs.push(parse_quote! { #argument: Option<&'a types::OrderedMap<String>> });
    let mut before = BeforeBuild { parameter, found: 0 };
    before.visit_block_mut(&mut method.block);
    before.found == 1
}

/// Puts another `.query(…)` before `.build()`.
struct BeforeBuild<'a> {
    parameter: &'a Parameter<'a>,
    /// How many calls there were.
    found: usize,
}

impl VisitMut for BeforeBuild<'_> {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if call.method != "build" {
            return;
        }
        self.found += 1;
        let (name, receiver) = (&self.parameter.name, &call.receiver);
        let argument = format_ident!("{}", self.parameter.argument);
        let queried: Expr = parse_quote! { #receiver.query(&QueryParam::new(#name, &#argument)) };
        *call.receiver = queried;
    }
}
