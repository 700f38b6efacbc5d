//! `client_runtime`: moves the methods out of progenitor's client and makes them call the
//! hand-written runtime of the client crate. That runtime has no 15-second timeout and no
//! `api-version` header, and its error keeps status and body; progenitor's own runtime is not used.

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Block, Expr, ExprMethodCall, FnArg, GenericArgument, ImplItem, ImplItemFn, Item, Pat, Path,
    PathArguments, ReturnType, Stmt, Type, parse_quote,
};

use super::Tree;
use super::tree::simple_name;
use crate::model::{AnswerMedia, Component, Model};

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    let items = std::mem::take(&mut tree.client);
    let blocks = items.into_iter().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() => Some(block),
        _ => None,
    });
    let methods = blocks.flat_map(|block| block.items).filter_map(|item| match item {
        ImplItem::Fn(method) if method.sig.asyncness.is_some() => Some(method),
        _ => None,
    });
    tree.methods = methods.collect();
    let Tree { methods, missing, .. } = tree;
    for operation in &model.operations {
        let of_operation =
            methods.iter().filter(|method| method.sig.ident == operation.method_name);
        let what = format!("one method `{}`", operation.method_name);
        missing.in_operation(of_operation.count() == 1, operation, &what);
    }
    for method in methods {
        let operation = model.operation(&method.sig.ident.to_string());
        let Some(operation) = operation else {
            missing.unless(false, "", &format!("no method `{}`", method.sig.ident));
            continue;
        };
        let mut runtime = Runtime { requests: 0 };
        runtime.visit_impl_item_fn_mut(method);
        missing.in_operation(runtime.requests == 1, operation, "one request of `self.client`");
        let answer = answer_type(method).and_then(|name| model.component(&name));
        let sent = send(&mut method.block, operation.answer_media, answer);
        missing.in_operation(sent.is_ok(), operation, sent.err().unwrap_or_default());
        let left = PROGENITOR.into_iter().find(|word| mentions(&*method, word));
        let what = format!("no other use of `{}`", left.unwrap_or_default());
        missing.in_operation(left.is_none(), operation, &what);
    }
    let place = |name: &str| model.operations.iter().position(|each| each.method_name == name);
    tree.methods.sort_by_key(|method| place(&method.sig.ident.to_string()).unwrap_or(usize::MAX));
}

/// Names of progenitor's own runtime, which no method has in the end. `api_version` is not one of them, because a
/// parameter can have that name.
const PROGENITOR: [&str; 3] = ["progenitor_client", "ResponseValue", "header_map"];

/// Replaces the end of a method, from the hooks on, by one call that sends and one that reads.
///
/// # Errors
///
/// Returns what progenitor's method does not have.
fn send(
    block: &mut Block,
    media: AnswerMedia,
    answer_type: Option<&Component>,
) -> Result<(), &'static str> {
    let statements = block.stmts.len();
    block.stmts.retain(|statement| !is_header_map(statement));
    let end = block.stmts.iter().position(is_operation_info).ok_or("`let info`")?;
    let answer = block.stmts.split_off(end + 1);
    let does = |word: &str| answer.iter().any(|each| mentions(each, word));
    let read: Expr = match media {
        AnswerMedia::Bytes => parse_quote! { Ok(Response::stream(response)) },
        AnswerMedia::Nothing => parse_quote! { Ok(Response::empty(&response)) },
        AnswerMedia::Json => {
            let keys = answer_type.into_iter().flat_map(Component::properties);
            let keys = keys.map(|property| property.key);
            parse_quote! { Response::json(response, &[#(#keys),*]).await }
        }
    };
    block.stmts.extend([
        parse_quote! { let response = self.send(request, &info).await?; },
        Stmt::Expr(
            parse_quote! {
                match response.status().as_u16() {
                    200..=299 => #read,
                    _ => Err(Error::from_response(response).await),
                }
            },
            None,
        ),
    ]);
    match (does("stream"), does("from_response")) {
        _ if statements < end + 1 + answer.len() + HEADER_MAP => {
            Err("statements that make a `header_map`")
        }
        (true, _) if media == AnswerMedia::Bytes => Ok(()),
        (false, false) if media == AnswerMedia::Nothing => Ok(()),
        (false, true) if media == AnswerMedia::Json => Ok(()),
        _ => Err("code that reads an answer of this kind"),
    }
}

/// How many statements make the header of the version: one that makes the map, and one that fills it.
const HEADER_MAP: usize = 2;

/// The schema of an answer: `T` of `Result<Response<types::T>, Error>`.
fn answer_type(method: &ImplItemFn) -> Option<String> {
    let ReturnType::Type(_, output) = &method.sig.output else { return None };
    let response = first_argument(output)?;
    Some(simple_name(first_argument(response)?))
}

fn first_argument(outer: &Type) -> Option<&Type> {
    let Type::Path(path) = outer else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

/// `let mut header_map = …;` and `header_map.append(…);`
fn is_header_map(statement: &Stmt) -> bool {
    let tokens = statement.to_token_stream().to_string();
    tokens.starts_with("let mut header_map") || tokens.starts_with("header_map")
}

fn is_operation_info(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Local(local) if matches!(&local.pat, Pat::Ident(name) if name.ident == "info"))
}

fn mentions(statement: &impl ToTokens, word: &str) -> bool {
    statement.to_token_stream().into_iter().any(|token| contains(&token, word))
}

fn contains(token: &proc_macro2::TokenTree, word: &str) -> bool {
    match token {
        proc_macro2::TokenTree::Group(group) => {
            group.stream().into_iter().any(|inner| contains(&inner, word))
        }
        proc_macro2::TokenTree::Ident(name) => name == word,
        _ => false,
    }
}

/// `OPTIONS` in `self.client.options(url)`.
fn http_method(call: &ExprMethodCall) -> Option<syn::Ident> {
    let is_client = matches!(&*call.receiver, Expr::Field(field) if matches!(&field.member, syn::Member::Named(name) if name == "client"));
    is_client.then(|| quote::format_ident!("{}", call.method.to_string().to_uppercase()))
}

struct Runtime {
    /// How many requests are built.
    requests: usize,
}

impl VisitMut for Runtime {
    fn visit_impl_item_fn_mut(&mut self, method: &mut syn::ImplItemFn) {
        for argument in &mut method.sig.inputs {
            self.visit_fn_arg_mut(argument);
        }
        visit_mut::visit_return_type_mut(self, &mut method.sig.output);
        visit_mut::visit_block_mut(self, &mut method.block);
    }

    fn visit_fn_arg_mut(&mut self, argument: &mut FnArg) {
        visit_mut::visit_fn_arg_mut(self, argument);
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let first = path.segments.first().map(|segment| segment.ident.to_string());
        if first.as_deref() == Some("reqwest") {
            // The client crate re-exports it, so that other bindings need no dependency of their own.
            path.leading_colon = None;
        }
        if first.as_deref() == Some("progenitor_client") {
            path.segments = path.segments.iter().skip(1).cloned().collect();
        }
        for segment in &mut path.segments {
            if segment.ident == "ResponseValue" {
                segment.ident = quote::format_ident!("Response");
            } else if segment.ident == "Error" {
                // The client has one error type for all operations.
                segment.arguments = syn::PathArguments::None;
            }
        }
    }

    /// Removes `.headers(header_map)`, which held only the version header, and begins a request without a client of
    /// reqwest, because `RequestBuilder` needs none.
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        let Expr::MethodCall(call) = expression else { return };
        if is_headers_call(call) {
            *expression = (*call.receiver).clone();
        } else if let Some(method) = http_method(call) {
            let url = &call.args;
            *expression = parse_quote! { RequestBuilder::new(reqwest::Method::#method, #url) };
            self.requests += 1;
        }
    }

    /// Removes the `mut` and its `allow` from `let mut request = …`, which needs neither any more.
    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        visit_mut::visit_local_mut(self, local);
        if let Pat::Ident(name) = &mut local.pat
            && name.ident == "request"
        {
            name.mutability = None;
            local.attrs.clear();
        }
    }
}

fn is_headers_call(call: &ExprMethodCall) -> bool {
    call.method == "headers" && call.args.to_token_stream().to_string() == "header_map"
}
