//! Runs `chatwire serve --script`. The tests of `chatwire-mock` check what scripts can do.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test may panic, and writes its own files"
)]

use crate::support::{Serve, chatwire, check};

#[test]
fn a_script_answers() {
    let folder = std::env::temp_dir().join(format!("chatwire-script-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("script.yaml");
    let path = file.to_str().unwrap();
    let script = "rules:\n- when: {model: small}\n  replies:\n  - error: 503\n    headers: {retry-after: 0}\n  \
                  - text: Small talk.\n- name: teapot\n  when: {model: tea*}\n  reply:\n    error: {status: 418, \
                  message: I am a teapot.}\n";
    std::fs::write(&file, script).unwrap();
    let server = Serve::start(&["--script", path]);
    let ask =
        |model: &str| chatwire(&["chat", "hi", "--base-url", &server.base_url, "--model", model]);
    // The client retries the 503.
    check(&ask("small"), 0, "Small talk.\n", &[]);
    check(&ask("teapot"), 1, "", &["418", "I am a teapot."]);
    let miss = "No rule of the script matches this request. It misses 'rule 1': the model is 'large', not 'small'";
    check(&ask("large"), 1, "", &["error: 404 Not Found", miss]);

    std::fs::write(&file, "rules:\n- when: {modle: small}\n").unwrap();
    let run = chatwire(&["serve", "--port", "0", "--script", path]);
    check(
        &run,
        1,
        "",
        &[&format!("error: {path}:2:10: unknown field `modle`, expected one of model, ")],
    );
    std::fs::remove_dir_all(folder).unwrap();
    let run = chatwire(&["serve", "--port", "0", "--script", path]);
    check(&run, 1, "", &[&format!("error: the script {path} cannot be read: ")]);
}
