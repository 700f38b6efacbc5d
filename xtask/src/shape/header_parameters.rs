//! `header_parameters`: sends the parameters with `in: header` as headers. `lower` made them query parameters, so
//! [`super::optional_parameters`] has moved the optional ones into a struct like all others.

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, parse_quote};

use super::Tree;
use super::optional_parameters::query_arguments;
use crate::model::{Model, Operation};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for method in &mut tree.methods {
        if let Some((operation, _)) = model.operation_of(&method.sig.ident.to_string()) {
            Headers { operation }.visit_block_mut(&mut method.block);
        }
    }
}

/// Replaces `.query(&QueryParam::new("x-user", &x_user))` by `.headers(header_param("x-user", &x_user)?)`.
struct Headers<'a> {
    operation: &'a Operation,
}

impl VisitMut for Headers<'_> {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        let Some(arguments) =
            query_arguments(call).filter(|arguments| self.is_header(arguments.first()))
        else {
            return;
        };
        let header = parse_quote! { header_param(#arguments)? };
        call.method = quote::format_ident!("headers");
        call.args = std::iter::once::<Expr>(header).collect();
    }
}

impl Headers<'_> {
    fn is_header(&self, name: Option<&Expr>) -> bool {
        let Some(Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. })) = name else {
            return false;
        };
        let mut parameters = self.operation.parameters.iter();
        parameters.any(|each| each.is_header && each.name == name.value())
    }
}
