//! `optional_parameters`: moves the optional parameters of an operation into a struct, which a
//! second method takes. A new parameter is then a new setter and breaks no caller; [`super::deep_objects`]
//! adds the parameters that are maps, and
//! [`super::header_parameters`] sends those that are headers.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, FnArg, ImplItemFn, Item, Pat, Type, parse_quote};

use super::Tree;
use super::tree::{inner_of, simple_name};
use crate::model::{MethodForm, Model, Operation};
use crate::names;

/// An optional parameter: its name in Rust and the type of its value.
struct Parameter {
    name: Ident,
    /// The type as the struct keeps it.
    owned: Type,
}

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for method in std::mem::take(&mut tree.methods) {
        let parameters = optional(&method);
        let Some(operation) = model.operation(&method.sig.ident.to_string()) else { continue };
        for described in operation.parameters.iter().filter(|parameter| !parameter.required) {
            let is_there = parameters.iter().any(|each| each.name == described.argument);
            let what = format!("an optional argument `{}`", described.argument);
            tree.missing.in_operation(is_there, operation, &what);
        }
        if parameters.is_empty() {
            tree.methods.push(method);
            continue;
        }
        tree.client.extend(items(operation, &parameters));
        let (without, removed) = without(&method, &parameters);
        let (with, moved) = with(method, operation, &parameters);
        let is_whole = [removed, moved] == [parameters.len(); 2];
        tree.missing.in_operation(
            is_whole,
            operation,
            "one `.query(…)` for each optional argument",
        );
        tree.methods.extend([without, with]);
    }
}

/// The arguments that progenitor made optional.
fn optional(method: &ImplItemFn) -> Vec<Parameter> {
    let arguments = method.sig.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    });
    let optional = arguments.filter_map(|argument| {
        let Pat::Ident(pattern) = &*argument.pat else { return None };
        let owned = owned(inner_of(&argument.ty, "Option")?);
        Some(Parameter { name: pattern.ident.clone(), owned })
    });
    optional.collect()
}

/// `String` of `&'a str`, and `T` of `&'a T`.
fn owned(argument: &Type) -> Type {
    let Type::Reference(reference) = argument else { return argument.clone() };
    match simple_name(&reference.elem).as_str() {
        "str" => parse_quote! { String },
        _ => (*reference.elem).clone(),
    }
}

/// The method that sends no optional parameter, and how many it sent before.
fn without(method: &ImplItemFn, parameters: &[Parameter]) -> (ImplItemFn, usize) {
    let mut method = method.clone();
    remove_arguments(&mut method, parameters);
    let mut queries = Queries { parameters, is_sent: false, found: 0 };
    queries.visit_block_mut(&mut method.block);
    (method, queries.found)
}

/// The method that takes them, and how many it sends.
fn with(
    mut method: ImplItemFn,
    operation: &Operation,
    parameters: &[Parameter],
) -> (ImplItemFn, usize) {
    let name = struct_name(operation);
    method.sig.ident = format_ident!("{}", MethodForm::With.name(&operation.method_name));
    remove_arguments(&mut method, parameters);
    method.sig.inputs.push(parse_quote! { parameters: &'a #name });
    let mut queries = Queries { parameters, is_sent: true, found: 0 };
    queries.visit_block_mut(&mut method.block);
    (method, queries.found)
}

fn remove_arguments(method: &mut ImplItemFn, parameters: &[Parameter]) {
    let is_removed = |argument: &FnArg| match argument {
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(pattern) => parameters.iter().any(|each| each.name == pattern.ident),
            _ => false,
        },
        FnArg::Receiver(_) => false,
    };
    let inputs = std::mem::take(&mut method.sig.inputs);
    method.sig.inputs = inputs.into_iter().filter(|argument| !is_removed(argument)).collect();
}

fn struct_name(operation: &Operation) -> Ident {
    format_ident!("{}", names::variant(operation.id))
}

/// The struct with `new` and its setters.
fn items(operation: &Operation, parameters: &[Parameter]) -> [Item; 2] {
    let name = struct_name(operation);
    let fields =
        parameters.iter().map(|Parameter { name, owned }| quote! { #name: Option<#owned> });
    let setters = parameters.iter().map(|parameter| setter(parameter, operation));
    let with = MethodForm::With.name(&operation.method_name);
    let doc = format!(" The optional parameters of [`Client::{with}`].");
    let structure = parse_quote! {
        #[doc = #doc]
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct #name { #(#fields),* }
    };
    let methods = parse_quote! {
        impl #name {
            /// Sends no parameter.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            #(#setters)*
        }
    };
    [structure, methods]
}

fn setter(parameter: &Parameter, operation: &Operation) -> TokenStream {
    let Parameter { name, owned } = parameter;
    let is_plain = ["bool", "i64", "u64", "f64"].contains(&simple_name(owned).as_str());
    let (taken, value) = if is_plain {
        (quote! { #owned }, quote! { #name })
    } else {
        (quote! { impl Into<#owned> }, quote! { #name.into() })
    };
    let mut described = operation.parameters.iter();
    let described = described.find(|each| *name == each.argument);
    let text = described.map(|each| each.description.replace('\n', " ")).unwrap_or_default();
    let docs = super::doc_text::attributes(&text);
    quote! {
        #(#docs)*
        #[must_use]
        pub fn #name(mut self, #name: #taken) -> Self {
            self.#name = Some(#value);
            self
        }
    }
}

/// Removes each `.query(…)` of an optional parameter, or makes it read the struct.
struct Queries<'a> {
    parameters: &'a [Parameter],
    is_sent: bool,
    /// How many calls there were.
    found: usize,
}

impl VisitMut for Queries<'_> {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        let Expr::MethodCall(call) = expression else { return };
        let Some(parameter) = self.queried(call) else { return };
        self.found += 1;
        let receiver = &call.receiver;
        *expression = if self.is_sent {
            let (name, text) = (&parameter.name, query_name(call));
            parse_quote! { #receiver.query(&QueryParam::new(#text, &parameters.#name)) }
        } else {
            (**receiver).clone()
        };
    }
}

impl<'a> Queries<'a> {
    /// The parameter of `.query(&QueryParam::new("after", &after))`.
    fn queried(&self, call: &syn::ExprMethodCall) -> Option<&'a Parameter> {
        let arguments = query_arguments(call)?;
        let Expr::Reference(value) = arguments.last()? else { return None };
        let Expr::Path(value) = &*value.expr else { return None };
        self.parameters.iter().find(|parameter| value.path.is_ident(&parameter.name))
    }
}

fn query_name(call: &syn::ExprMethodCall) -> Option<&Expr> {
    query_arguments(call)?.first()
}

/// The arguments of the `QueryParam::new(…)` in a `.query(…)`.
pub(super) fn query_arguments(
    call: &syn::ExprMethodCall,
) -> Option<&syn::punctuated::Punctuated<Expr, syn::Token![,]>> {
    let Expr::Reference(query) = call.args.first().filter(|_| call.method == "query")? else {
        return None;
    };
    match &*query.expr {
        Expr::Call(new) => Some(&new.args),
        _ => None,
    }
}
