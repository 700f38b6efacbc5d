//! `request_bodies`: makes an operation send what the document says, if that is not JSON. A form is a value
//! of the client crate, and other bytes are anything that becomes a body. Progenitor knows only bytes
//! without a type, so [`crate::lower`] says that each such body is one.

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, FnArg, GenericParam, ImplItemFn, LitStr, Pat, parse_quote};

use super::Tree;
use crate::model::{Model, RequestMedia};

/// The type that progenitor gives such a body.
const BYTES: &str = "application/octet-stream";

pub(super) fn apply(tree: &mut Tree, model: &Model) {
    for method in &mut tree.methods {
        let Some(operation) = model.operation(&method.sig.ident.to_string()) else { continue };
        let replaced = match &operation.request_media {
            RequestMedia::Json => continue,
            RequestMedia::Multipart => {
                let media = parse_quote! { body.multipart_type() };
                send_form(method, media, parse_quote! { body.multipart() })
            }
            RequestMedia::UrlEncoded => {
                let media = parse_quote! { "application/x-www-form-urlencoded" };
                send_form(method, media, parse_quote! { body.url_encoded()? })
            }
            RequestMedia::Other(media) => {
                let mut visitor = Media { media, replaced: 0 };
                visitor.visit_block_mut(&mut method.block);
                visitor.replaced == 1
            }
        };
        let what = format!("one body with the type `{BYTES}`");
        tree.missing.in_operation(replaced, operation, &what);
    }
}

/// Makes a method take a form. Returns whether there was a body to replace.
fn send_form(method: &mut ImplItemFn, media: Expr, body: Expr) -> bool {
    let is_taken = take_form(method);
    let mut visitor = Body { media, body, replaced: (0, 0) };
    visitor.visit_block_mut(&mut method.block);
    is_taken && visitor.replaced == (1, 1)
}

/// Makes `body: B` a `body: &'a Form`.
fn take_form(method: &mut ImplItemFn) -> bool {
    let mut is_taken = false;
    let generics = std::mem::take(&mut method.sig.generics.params);
    method.sig.generics.params =
        generics.into_iter().filter(|each| !matches!(each, GenericParam::Type(_))).collect();
    for argument in &mut method.sig.inputs {
        if let FnArg::Typed(argument) = argument
            && matches!(&*argument.pat, Pat::Ident(name) if name.ident == "body")
        {
            *argument.ty = parse_quote! { &'a Form };
            is_taken = true;
        }
    }
    is_taken
}

/// Replaces the type and the content of the body.
struct Body {
    media: Expr,
    body: Expr,
    /// How many types and contents were replaced.
    replaced: (usize, usize),
}

impl VisitMut for Body {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if call.method == "body" {
            call.args = std::iter::once(self.body.clone()).collect();
            self.replaced.1 += 1;
        } else if call.method == "header"
            && let Some(value) = call.args.last_mut()
            && has_literal(value, BYTES)
        {
            *value = self.media.clone();
            self.replaced.0 += 1;
        }
    }
}

fn has_literal(expression: &Expr, text: &str) -> bool {
    struct Find<'a>(&'a str, bool);

    impl VisitMut for Find<'_> {
        fn visit_lit_str_mut(&mut self, literal: &mut LitStr) {
            self.1 |= literal.value() == self.0;
        }
    }

    let mut find = Find(text, false);
    find.visit_expr_mut(&mut expression.clone());
    find.1
}

/// Replaces the type of the body.
struct Media<'a> {
    media: &'a str,
    replaced: usize,
}

impl VisitMut for Media<'_> {
    fn visit_lit_str_mut(&mut self, literal: &mut LitStr) {
        if literal.value() == BYTES {
            *literal = LitStr::new(self.media, literal.span());
            self.replaced += 1;
        }
    }
}
