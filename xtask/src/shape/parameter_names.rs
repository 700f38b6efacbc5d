//! `parameter_names`: sends a parameter under its own name, if [`crate::lower`] gave it another one because the
//! method has a variable of that name. It comes before the passes that read the names of parameters.

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Lit, LitStr};

use super::Tree;
use super::optional_parameters::query_arguments;
use crate::model::{Model, Operation, Parameter, ParameterPlace};
use crate::names;

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for method in &mut tree.methods {
        if let Some((operation, _)) = model.operation_of(&method.sig.ident.to_string()) {
            let mut names = WireNames { operation, renamed: Vec::new() };
            names.visit_block_mut(&mut method.block);
            for parameter in operation.parameters.iter().filter(|each| is_renamed(each)) {
                let is_sent = names.renamed.contains(&parameter.name);
                let what = format!("a `QueryParam` of the name `{}`", parameter.argument);
                tree.missing.in_operation(is_sent, operation, &what);
            }
        }
    }
}

/// Replaces the first argument of `.query(&QueryParam::new("request_parameter", &request_parameter))`.
struct WireNames<'a> {
    operation: &'a Operation<'a>,
    /// The parameters whose name was replaced.
    renamed: Vec<&'a str>,
}

/// Whether [`crate::lower`] gave a parameter another name, except in the path, which has no names.
fn is_renamed(parameter: &Parameter) -> bool {
    let is_queried = parameter.place != ParameterPlace::Path && !parameter.is_deep_object;
    is_queried && parameter.argument != names::field(parameter.name)
}

impl VisitMut for WireNames<'_> {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        let Some(Expr::Lit(literal)) = query_arguments(call).and_then(|all| all.first()) else {
            return;
        };
        let Lit::Str(given) = &literal.lit else { return };
        let mut parameters = self.operation.parameters.iter();
        let renamed = parameters.find(|each| each.argument == given.value() && is_renamed(each));
        if let Some(parameter) = renamed {
            self.renamed.push(parameter.name);
            let name = LitStr::new(parameter.name, given.span());
            set_first(call, name);
        }
    }
}

fn set_first(call: &mut syn::ExprMethodCall, name: LitStr) {
    if let Some(Expr::Reference(query)) = call.args.first_mut()
        && let Expr::Call(new) = &mut *query.expr
        && let Some(Expr::Lit(literal)) = new.args.first_mut()
    {
        literal.lit = Lit::Str(name);
    }
}
