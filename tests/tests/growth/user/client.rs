//! Code that users write with the client: calls with and without optional parameters. It must compile with every
//! later version of the same major number.

use chatwire::{Client, Error, ListChatCompletions};

use crate::types::request;

pub async fn calls(client: &Client) -> Result<usize, Error> {
    let completion = client.create_chat_completion(&request()).await?;
    let id = completion.id.clone().unwrap_or_default();
    client.create_chat_completion_stream(&request()).await?;
    client.get_chat_completion(&id).await?;
    client.delete_chat_completion(&id).await?;
    client.get_chat_completion_messages(&id).await?;
    let page = ListChatCompletions::new().after("c1").limit(5);
    let listed = client.list_chat_completions_with(&page).await?;
    client.list_chat_completions().await?;
    Ok(listed.data.as_ref().map_or(0, Vec::len))
}
