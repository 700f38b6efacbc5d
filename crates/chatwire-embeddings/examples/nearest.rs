//! Prints how near two texts are, from -1 to 1:
//! `cargo run -p chatwire-embeddings --example nearest -- MODEL "a cat" "a dog"`.

use chatwire_embeddings::{Client, CreateEmbeddingRequest, EmbeddingVector};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let model = words.next().ok_or("which model?")?;
    let request = CreateEmbeddingRequest::new(model, words.collect::<Vec<_>>());
    let client = Client::new(chatwire_client::Client::from_env()?);
    let answer = client.create_embedding(&request).await?;
    let vectors = answer.data.iter().flatten().filter_map(|each| match &each.embedding {
        Some(EmbeddingVector::Numbers(vector)) => Some(vector.as_slice()),
        _ => None,
    });
    match vectors.collect::<Vec<_>>().as_slice() {
        [one, other, ..] => println!("{:.3}", cosine(one, other)),
        _ => return Err("give two texts".into()),
    }
    Ok(())
}

fn cosine(one: &[f64], other: &[f64]) -> f64 {
    let product = |one: &[f64], other: &[f64]| -> f64 {
        one.iter().zip(other).map(|(one, other)| one * other).sum()
    };
    product(one, other) / (product(one, one) * product(other, other)).sqrt()
}
