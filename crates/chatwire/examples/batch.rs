//! Many requests, eight at a time, with a progress bar:
//! `OPENAI_API_KEY=… cargo run -p chatwire --example batch`.

use chatwire::prelude::*;
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::ProgressBar;

async fn ask(client: &Client, number: u64) -> Result<String, chatwire::Error> {
    let messages = [Message::user(format!("Say the number {number}"))];
    let request = CreateChatCompletionRequest::new("gpt-4o-mini", messages);
    Ok(client.chat(&request).await?.text().unwrap_or_default().into_owned())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let bar = ProgressBar::new(100);
    let calls = stream::iter((0..100).map(|number| ask(&client, number))).buffered(8);
    let answers: Vec<_> = bar.wrap_stream(calls).try_collect().await?;
    println!("{}", answers.join("\n"));
    Ok(())
}
