//! `stream_methods`: adds a second method to an operation that answers with JSON or an event
//! stream, because progenitor drops the stream, and makes each of the two ask for what it reads.
//! `chatwire-stream` reads the stream.

use quote::{ToTokens, format_ident};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprMethodCall, ImplItemFn, LitStr, parse_quote};

use super::Tree;
use crate::model::Model;

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    let methods = std::mem::take(&mut tree.methods);
    for mut method in methods {
        let found = model.operation_of(&method.sig.ident.to_string());
        let stream = found.filter(|(operation, _)| operation.streams);
        let stream = stream.and_then(|(operation, form)| {
            let name = form.streaming()?.name(&operation.method_name);
            let (mut stream, replaced) = stream_method(&method, &name);
            let what = "one `application/json` that is accepted, and one answer that is read";
            tree.missing.in_operation(replaced, operation, what);
            if model.has_stream_key(operation) {
                let whole = send(&mut method, parse_quote! { &Streamed::whole(body) });
                let streamed = send(&mut stream, parse_quote! { &Streamed::stream(body) });
                tree.missing.in_operation(whole && streamed, operation, "one `.json(&body)`");
            }
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

/// Makes a method send another JSON body. Returns whether it sends one.
fn send(method: &mut ImplItemFn, body: Expr) -> bool {
    let mut visitor = JsonBody { body, sent: 0 };
    visitor.visit_block_mut(&mut method.block);
    visitor.sent == 1
}

struct JsonBody {
    body: Expr,
    /// How many bodies were replaced.
    sent: usize,
}

impl VisitMut for JsonBody {
    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if call.method == "json" {
            call.args = std::iter::once(self.body.clone()).collect();
            self.sent += 1;
        }
    }
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
        if is_json_read(expression) {
            *expression = parse_quote! { Ok(Response::stream(response)) };
            self.read += 1;
        }
    }
}

/// `Response::json(response).await`
fn is_json_read(expression: &Expr) -> bool {
    let Expr::Await(awaited) = expression else { return false };
    let Expr::Call(call) = &*awaited.base else { return false };
    call.func.to_token_stream().to_string() == "Response :: json"
}
