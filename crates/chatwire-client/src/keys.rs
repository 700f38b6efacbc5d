//! Asks for the API key of each attempt, if the key is not fixed. [`auth`](crate::auth) puts the key into the
//! request, and [`secrets`](crate::secrets) hides it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chatwire_stream::BoxError;

use crate::secrets::Secrets;
use crate::{Error, time};

/// How many keys of earlier calls are hidden, because a server or the provider may still name them.
const HIDDEN_KEYS: usize = 16;

/// Where API keys come from if they change: tokens of Microsoft Entra, keys that rotate, a vault.
///
/// The client asks for a key before each attempt, retries included, so a provider should keep its key until it
/// expires. A key is hidden in errors like a fixed one. If the server answers 401, the client asks once more,
/// and sends the request again if the key is another one.
///
/// If the provider returns an error, the call fails with [`ErrorKind::Key`](crate::ErrorKind::Key), and the
/// provider's error is its [source](std::error::Error::source). It is not retried, because only the provider
/// knows whether that helps.
///
/// An async closure is a provider, if it captures nothing: `async || read_key().await`. One that captures has to
/// clone: `move || { let vault = vault.clone(); async move { vault.key().await } }`. A type that keeps its key
/// implements the trait:
///
/// ```
/// use std::time::{Duration, Instant};
///
/// use chatwire_client::{BoxError, Client, KeyProvider};
/// use tokio::sync::Mutex;
/// # struct AccessToken { token: String, lifetime: Duration }
/// # struct Credential;
/// # impl Credential {
/// #     async fn get_token(&self, scopes: &[&str]) -> Result<AccessToken, BoxError> {
/// #         assert_eq!(scopes.len(), 1);
/// #         Ok(AccessToken { token: "eyJ0eXAi".to_owned(), lifetime: Duration::from_secs(3600) })
/// #     }
/// # }
///
/// /// Tokens of Microsoft Entra, from a credential such as those of the crate `azure_identity`.
/// struct Entra {
///     credential: Credential,
///     /// The last token, and when to ask for another.
///     last: Mutex<Option<(String, Instant)>>,
/// }
///
/// impl KeyProvider for Entra {
///     async fn key(&self) -> Result<String, BoxError> {
///         let mut last = self.last.lock().await;
///         if let Some((token, renew_at)) = &*last && Instant::now() < *renew_at {
///             return Ok(token.clone());
///         }
///         let scope = "https://cognitiveservices.azure.com/.default";
///         let new = self.credential.get_token(&[scope]).await?;
///         let renew_at = Instant::now() + new.lifetime.saturating_sub(Duration::from_secs(300));
///         *last = Some((new.token.clone(), renew_at));
///         Ok(new.token)
///     }
/// }
///
/// # fn run() -> Result<(), chatwire_client::Error> {
/// let client = Client::azure("https://name.openai.azure.com", "gpt-4o", "2024-10-21")
///     .bearer()
///     .key_provider(Entra { credential: Credential, last: Mutex::default() })
///     .build()?;
/// # Ok(())
/// # }
/// # run().unwrap();
/// ```
pub trait KeyProvider: Send + Sync + 'static {
    /// Returns the key for the next attempt. White space around it is ignored.
    ///
    /// The client waits for it as long as [`first_byte_timeout`](crate::ClientBuilder::first_byte_timeout) allows.
    fn key(&self) -> impl Future<Output = Result<String, BoxError>> + Send;
}

impl<F, Running, Key, E> KeyProvider for F
where
    F: Fn() -> Running + Send + Sync + 'static,
    Running: Future<Output = Result<Key, E>> + Send,
    Key: Into<String>,
    E: Into<BoxError>,
{
    async fn key(&self) -> Result<String, BoxError> {
        self().await.map(Into::into).map_err(Into::into)
    }
}

type KeyFuture<'a> = Pin<Box<dyn Future<Output = Result<String, BoxError>> + Send + 'a>>;

/// A provider of any type.
trait AnyProvider: Send + Sync {
    fn boxed_key(&self) -> KeyFuture<'_>;
}

impl<P: KeyProvider> AnyProvider for P {
    fn boxed_key(&self) -> KeyFuture<'_> {
        Box::pin(self.key())
    }
}

/// The key provider of a client, and the last keys that it gave to any call.
#[derive(Clone)]
pub(crate) struct KeySource {
    provider: Arc<dyn AnyProvider>,
    given: Arc<Mutex<Secrets>>,
}

impl KeySource {
    pub(crate) fn new(provider: impl KeyProvider) -> Self {
        Self { provider: Arc::new(provider), given: Arc::default() }
    }

    /// Asks for a key, and adds it to the secrets of the call.
    pub(crate) async fn next(
        &self,
        limit: Option<Duration>,
        secrets: &mut Secrets,
    ) -> Result<String, Error> {
        let asking = self.provider.boxed_key();
        let answer = match limit {
            None => asking.await,
            Some(limit) => time::timeout(limit, asking).await.ok_or_else(|| {
                Error::key(format!(
                    "the key provider gave no key within {limit:?}; make it faster, or set a longer \
                     `first_byte_timeout`"
                ))
            })?,
        };
        let answer = answer.map(|key| key.trim().to_owned());
        self.remember(answer.as_deref().unwrap_or_default(), secrets);
        let key = answer.map_err(|error| Error::failed_key_provider(error, secrets))?;
        match key.is_empty() {
            true => Err(Error::key("the key provider returned an empty key".to_owned())),
            false => Ok(key),
        }
    }

    /// Hides this key and the earlier ones.
    fn remember(&self, key: &str, secrets: &mut Secrets) {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.add(key);
        given.keep_last(HIDDEN_KEYS);
        secrets.add_all(&given);
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
