//! One snapshot an operation: what the document says of it above, the methods that come of it below.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test has no other way to say so")]

use chatwire_tests::{assert_snapshots_of, document, generate, settings, source};
use xtask::model::Model;

const FOLDER: &str = "snapshots/operations";

#[test]
fn every_operation_as_rust() {
    let document = document();
    let (model, tree) = (Model::read(&document), generate(&document));
    for operation in &model.operations {
        let names = [operation.method_name.clone(), format!("{}_stream", operation.method_name)];
        let methods =
            tree.methods.iter().filter(|method| names.contains(&method.sig.ident.to_string()));
        let block = syn::parse_quote! { impl Client { #(#methods)* } };
        let mut settings = settings(FOLDER);
        settings.set_info(&operation.schema);
        settings.bind(|| insta::assert_snapshot!(operation.id.as_str(), source(vec![block])));
    }
    // Here and not in a test of its own, which would look while this one still writes.
    assert_snapshots_of(FOLDER, model.operations.iter().map(|each| each.id.as_str()));
}
