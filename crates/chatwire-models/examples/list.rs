//! Lists the models of the service that the environment describes, one name a line:
//! `OPENAI_BASE_URL=http://127.0.0.1:8080/v1 cargo run -p chatwire-models --example list`.

use chatwire_models::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let models = Client::new(chatwire_client::Client::from_env()?).list_models().await?;
    for model in models.data.iter().flatten() {
        println!("{}", model.id.as_deref().unwrap_or_default());
    }
    Ok(())
}
