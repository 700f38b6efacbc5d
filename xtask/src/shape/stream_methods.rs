//! `stream_methods`: adds a second method to an operation that answers with JSON or an event
//! stream, because progenitor drops the stream. `chatwire-stream` reads the stream.

use quote::{ToTokens, format_ident};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ImplItemFn, LitStr, parse_quote};

use super::Tree;
use crate::model::Model;

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    let methods = std::mem::take(&mut tree.methods);
    for method in methods {
        let found = model.operation_of(&method.sig.ident.to_string());
        let stream = found.filter(|(operation, _)| operation.streams);
        let stream = stream.and_then(|(operation, form)| {
            let name = form.streaming()?.name(&operation.method_name);
            let (stream, replaced) = stream_method(&method, &name);
            let what = "one `application/json` that is accepted, and one answer that is read";
            tree.missing.in_operation(replaced, operation, what);
            Some(stream)
        });
        tree.methods.push(method);
        tree.methods.extend(stream);
    }
}

/// The method, and whether all was there that makes it read a stream.
fn stream_method(method: &ImplItemFn, name: &str) -> (ImplItemFn, bool) {
    let mut stream = method.clone();
    stream.sig.ident = format_ident!("{name}");
    stream.sig.output = parse_quote! { -> Result<Response<ByteStream>, Error> };
    let mut visitor = Stream { accepted: 0, read: 0 };
    visitor.visit_block_mut(&mut stream.block);
    (stream, (visitor.accepted, visitor.read) == (1, 1))
}

struct Stream {
    /// How many types of an answer were replaced.
    accepted: usize,
    /// How many times an answer was read.
    read: usize,
}

impl VisitMut for Stream {
    fn visit_lit_str_mut(&mut self, text: &mut LitStr) {
        if text.value() == "application/json" {
            *text = LitStr::new("text/event-stream", text.span());
            self.accepted += 1;
        }
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if calls(expression, "Streamed :: new") {
            *expression = parse_quote! { Streamed::new(body, true) };
        } else if is_json_read(expression) {
            *expression = parse_quote! { Ok(Response::stream(response)) };
            self.read += 1;
        }
    }
}

/// `Response::json(response).await`
fn is_json_read(expression: &Expr) -> bool {
    let Expr::Await(awaited) = expression else { return false };
    calls(&awaited.base, "Response :: json")
}

fn calls(expression: &Expr, function: &str) -> bool {
    let Expr::Call(call) = expression else { return false };
    call.func.to_token_stream().to_string() == function
}
