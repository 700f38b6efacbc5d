//! Uses reqwest without default features.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let url = std::env::var("NEIGHBOUR_HTTP")? + "/chat/completions";
        let body = r#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}"#;
        let request = reqwest::Client::new().post(url).header("content-type", "application/json");
        println!("{}", request.body(body).send().await?.status());
        Ok::<(), Box<dyn std::error::Error>>(())
    })?;
    #[cfg(feature = "chat")]
    chat::over_https();
    Ok(())
}
