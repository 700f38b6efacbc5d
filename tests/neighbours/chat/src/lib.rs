//! Sends one chat through chatwire, as every program here does. Each program does what it is about by
//! itself, before this.

use chatwire::{Client, ClientBuilder, CreateChatCompletionRequest, Message};

/// Sends a chat to the `https://` server of the check.
///
/// # Panics
///
/// Panics if the chat fails, because the check looks at the exit code.
pub fn over_https() {
    let base_url = std::env::var("NEIGHBOUR_HTTPS").expect("the check sets it");
    with(Client::builder().base_url(base_url));
}

/// Sends a chat with these settings.
///
/// # Panics
///
/// Panics if the chat fails, because the check looks at the exit code.
pub fn with(settings: ClientBuilder) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let answer = runtime.expect("a runtime starts").block_on(async {
        let request = CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user("Hello")]);
        settings.build()?.chat(&request).await
    });
    let completion = answer.unwrap_or_else(|error| panic!("the chat failed: {error}"));
    assert!(completion.text().is_some(), "the answer has no text");
}
