//! What `index.html` calls: chatwire in a browser, where a call goes through `fetch`.

use chatwire::prelude::*;
use wasm_bindgen::prelude::*;

/// Streams the answer to a question, and gives each piece of its text to a function. Returns the whole text.
#[wasm_bindgen]
pub async fn ask(
    base_url: String,
    question: String,
    show: js_sys::Function,
) -> Result<String, JsError> {
    let client = Client::builder().base_url(base_url).build()?;
    let request = CreateChatCompletionRequest::new("gpt-4o-mini", [Message::user(question)]);
    let mut stream = client.stream(&request).await?;
    let mut answer = String::new();
    while let Some(chunk) = stream.next().await {
        if let Some(piece) = chunk?.text().filter(|piece| !piece.is_empty()) {
            answer += &piece;
            let _ = show.call1(&JsValue::NULL, &JsValue::from_str(&piece));
        }
    }
    Ok(answer)
}
