//! Ten tasks as whole programs, to copy.
//!
//! They stand in the folder `examples`, and each runs against the embedded server in a test.
//! [From openai-python](crate::from_openai_python#ten-tasks-in-lines-of-code) compares them with the same programs in
//! Python.
//!
//! A program needs `chatwire`, and tokio with the features `macros` and `rt`. The sections say what else it needs.
//! Most programs read the key from `OPENAI_API_KEY`. `OPENAI_BASE_URL` makes them talk to another service.
//!
//! # Chat
//!
//! ```no_run
#![doc = include_str!("../examples/chat.rs")]
//! ```
//!
//! # Stream
//!
//! [`completion`](crate::ChatStream::completion) of the stream returns the whole answer in place of the chunks.
//!
//! ```no_run
#![doc = include_str!("../examples/stream.rs")]
//! ```
//!
//! # Vision
//!
//! The type of the image is found from its first bytes. For an image with an address, use
//! [`ContentPart::image_url`](crate::ContentPart::image_url).
//!
//! ```no_run
#![doc = include_str!("../examples/vision.rs")]
//! ```
//!
//! # Tools
//!
//! It needs the feature `schemars` of chatwire, and the crates schemars and serde with `derive`. The doc comment of the
//! arguments is the description that the model reads. Errors of a function go back to the model;
//! [`tools`](crate::tools) says more.
//!
#![cfg_attr(feature = "schemars", doc = "```no_run")]
#![cfg_attr(not(feature = "schemars"), doc = "```ignore")]
#![doc = include_str!("../examples/tools.rs")]
//! ```
//!
//! # Structured output
//!
//! It needs the feature `schemars` of chatwire, and the crates schemars and serde with `derive`. An answer that is
//! refused, cut off or of another shape is a [`ParseError`](crate::parse::ParseError) that says which.
//!
#![cfg_attr(feature = "schemars", doc = "```no_run")]
#![cfg_attr(not(feature = "schemars"), doc = "```ignore")]
#![doc = include_str!("../examples/structured_output.rs")]
//! ```
//!
//! # Conversation
//!
//! ```no_run
#![doc = include_str!("../examples/conversation.rs")]
//! ```
//!
//! # Azure and other services
//!
//! ~~~no_run
#![doc = include_str!("../examples/azure.rs")]
//! ~~~
//!
//! A service is a base URL and, most often, a key:
//!
//! ```
//! # let key = "sk-test";
//! use chatwire::Client;
//!
//! let openrouter = Client::builder().base_url("https://openrouter.ai/api/v1").api_key(key).build()?;
//! let groq = Client::builder().base_url("https://api.groq.com/openai/v1").api_key(key).build()?;
//! let mistral = Client::builder().base_url("https://api.mistral.ai/v1").api_key(key).build()?;
//! let deepseek = Client::builder().base_url("https://api.deepseek.com/v1").api_key(key).build()?;
//! let ollama = Client::builder().base_url("http://localhost:11434/v1").build()?;
//! let llama_server = Client::builder().base_url("http://localhost:8080/v1").build()?;
//! let vllm = Client::builder().base_url("http://localhost:8000/v1").build()?;
//! let lm_studio = Client::builder().base_url("http://localhost:1234/v1").build()?;
//! # Ok::<(), chatwire::Error>(())
//! ```
//!
//! If a service has keys that chatwire does not know, set them in `extra` of a request, or for every request with
//! [`ClientBuilder::extra`](crate::ClientBuilder::extra):
//!
//! ```
//! use chatwire::Client;
//!
//! let client = Client::builder()
//!     .base_url("https://openrouter.ai/api/v1")
//!     .header("x-title", "My program")
//!     .extra("route", "fallback")
//!     .build()?;
//! # Ok::<(), chatwire::Error>(())
//! ```
//!
//! # Gateway
//!
//! A server between your clients and a service. It needs the crates axum and futures-util, and the feature `axum`:
//! a request is then an extractor that answers with the official error envelope if the request is not valid, and `?`
//! answers with what the other service says.
//!
#![cfg_attr(feature = "axum", doc = "```no_run")]
#![cfg_attr(not(feature = "axum"), doc = "```ignore")]
#![doc = include_str!("../examples/gateway.rs")]
//! ```
//!
//! # Batch
//!
//! It needs the crates futures-util and indicatif (with its feature `futures`). At most eight requests are open at a
//! time, and the answers keep the order of the questions.
//!
//! ```no_run
#![doc = include_str!("../examples/batch.rs")]
//! ```
//!
//! # Testing
//!
//! It needs the crate chatwire-mock.
//!
//! ```no_run
#![doc = include_str!("../examples/testing.rs")]
//! ```
