//! `header_parameters`: sends the parameters with `in: header` as headers, and those with `in: cookie` as pairs of
//! one header. `lower` made them query parameters, so [`super::optional_parameters`] has moved the optional ones
//! into a struct like all others.

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, parse_quote};

use super::Tree;
use super::optional_parameters::query_arguments;
use crate::model::{MethodForm, Model, Operation, ParameterPlace};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for method in &mut tree.methods {
        let found = model.operation_of(&method.sig.ident.to_string());
        let Some((operation, form)) = found else { continue };
        let mut headers = Headers { operation, sent: Vec::new(), cookies: Vec::new() };
        headers.visit_block_mut(&mut method.block);
        for parameter in &operation.parameters {
            let is_elsewhere =
                [ParameterPlace::Path, ParameterPlace::Query].contains(&parameter.place);
            if is_elsewhere || form == MethodForm::Plain && !parameter.required {
                continue;
            }
            let is_sent = headers.sent.iter().any(|sent| sent == parameter.name);
            let what = format!("a `QueryParam` of the name `{}`", parameter.name);
            tree.missing.in_operation(is_sent, operation, &what);
        }
    }
}

/// Replaces `.query(&QueryParam::new("x-user", &x_user))` by `.headers(header_param("x-user", &x_user)?)`. The
/// cookies come together before `.build()`, because a request has only one header of them.
struct Headers<'a> {
    operation: &'a Operation<'a>,
    /// The names of the parameters that are sent so.
    sent: Vec<String>,
    /// The cookies that were queries.
    cookies: Vec<Expr>,
}

impl VisitMut for Headers<'_> {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        let Expr::MethodCall(call) = expression else { return };
        if call.method == "build" && !self.cookies.is_empty() {
            let (receiver, cookies) = (&call.receiver, std::mem::take(&mut self.cookies));
            *call.receiver = parse_quote! { #receiver.headers(cookie_params(&[#(#cookies),*])?) };
            return;
        }
        let Some(arguments) = query_arguments(call) else { return };
        match self.place(arguments.first()) {
            Some(ParameterPlace::Header) => {
                let header = parse_quote! { header_param(#arguments)? };
                call.method = quote::format_ident!("headers");
                call.args = std::iter::once::<Expr>(header).collect();
            }
            Some(ParameterPlace::Cookie) => {
                self.cookies.push(parse_quote! { cookie_param(#arguments)? });
                *expression = (*call.receiver).clone();
            }
            _ => {}
        }
    }
}

impl Headers<'_> {
    /// Where the parameter of this name is sent.
    fn place(&mut self, name: Option<&Expr>) -> Option<ParameterPlace> {
        let Some(Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. })) = name else {
            return None;
        };
        let mut parameters = self.operation.parameters.iter();
        let place = parameters.find(|each| each.name == name.value())?.place;
        self.sent.push(name.value());
        Some(place)
    }
}
