//! Goes through all items of a list, page after page. The generated operations ask for the pages.

use std::collections::HashSet;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use chatwire_types::Extra;
use futures_core::Stream;
use serde::Serialize;

use crate::{Error, Response};

/// All items of a list, from all its pages, one by one. The methods that end with `_all` return it, such as
/// [`Client::list_chat_completions_all`](crate::Client::list_chat_completions_all).
///
/// - A page is asked for when it is needed, with the retries and the limits of the client. Nothing is sent before
///   the first item is asked for.
/// - It ends after the page that says so with `has_more`, at an empty page, and if the server sends a page again.
/// - An error is the last item. To go on after it, ask again with the `id` of the last item as `after`.
/// - It owns its client and its parameters, so it can move to another task.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::io::{Read, Write};
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let base_url = format!("http://{}", listener.local_addr()?);
/// # std::thread::spawn(move || for body in [
/// #     r#"{"data":[{"id":"a"},{"id":"b"}],"has_more":true}"#, r#"{"data":[{"id":"c"}],"has_more":false}"#,
/// # ] {
/// #     let mut socket = listener.accept().unwrap().0;
/// #     socket.read(&mut [0; 4096]).unwrap();
/// #     let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length";
/// #     write!(socket, "{head}: {}\r\n\r\n{body}", body.len()).unwrap();
/// # });
/// # let client = chatwire_client::Client::builder().base_url(base_url).build()?;
/// use chatwire_client::ListChatCompletions;
///
/// let mut ids = Vec::new();
/// let mut all = client.list_chat_completions_all(&ListChatCompletions::new().limit(2));
/// while let Some(completion) = all.next().await {
///     ids.extend(completion?.id);
/// }
/// assert_eq!(ids, ["a", "b", "c"]);
/// # Ok(())
/// # }
/// ```
pub struct Items<T> {
    fetch: Box<dyn FnMut(Option<String>) -> Fetching<T> + Send>,
    /// The items of the last page that are left.
    ready: vec::IntoIter<T>,
    then: Then<T>,
    /// Every cursor so far, so that a server that sends its pages in a circle does not keep us for ever.
    seen: HashSet<String>,
}

/// What comes after the items that are ready.
enum Then<T> {
    /// The page after this cursor; the first page without one.
    Page(Option<String>),
    Fetching(Fetching<T>),
    Error(Error),
    Over,
}

type Fetching<T> = Pin<Box<dyn Future<Output = Result<Fetched<T>, Error>> + Send>>;

/// A page, and where the next one begins: `None` if there is none.
struct Fetched<T> {
    items: Vec<T>,
    next: Result<Option<String>, Error>,
}

/// How the answer `P` of a list operation, with items of the type `T`, is read. Generated code makes it. It
/// is not a trait, because the types of other bindings are in a crate of their own.
pub struct PageReader<P, T> {
    /// The keys that could not be read.
    pub extra: fn(&P) -> &Extra,
    /// The id of an item, which is the cursor after it.
    pub id: fn(&T) -> Option<&str>,
    /// Takes the page apart.
    pub parts: fn(P) -> PageParts<T>,
}

impl<P, T> Clone for PageReader<P, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, T> Copy for PageReader<P, T> {}

/// The parts of a page, as far as the server sent them.
pub struct PageParts<T> {
    /// The items.
    pub items: Option<Vec<T>>,
    /// The id of the last item.
    pub last_id: Option<String>,
    /// Whether there is another page.
    pub has_more: Option<bool>,
}

impl<T> Items<T> {
    /// Goes through the pages that a function asks for, each after a cursor.
    #[doc(hidden)]
    pub fn new<P, Asking>(
        mut ask: impl FnMut(Option<String>) -> Asking + Send + 'static,
        reader: PageReader<P, T>,
    ) -> Self
    where
        P: Serialize + 'static,
        T: 'static,
        Asking: Future<Output = Result<Response<P>, Error>> + Send + 'static,
    {
        Self {
            fetch: Box::new(move |after| {
                let asking = ask(after);
                Box::pin(async move { read(asking.await?, reader) })
            }),
            ready: Vec::new().into_iter(),
            then: Then::Page(None),
            seen: HashSet::new(),
        }
    }

    /// Waits for the next item. Returns `None` after the last one.
    ///
    /// You may drop the future and call `next` again without losing an item.
    ///
    /// # Errors
    ///
    /// Returns the error of the page that did not come. It is the last item.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|context| self.poll_item(context)).await
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        loop {
            if let Some(item) = self.ready.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match std::mem::replace(&mut self.then, Then::Over) {
                Then::Over => return Poll::Ready(None),
                Then::Error(error) => return Poll::Ready(Some(Err(error))),
                Then::Page(after) => self.then = Then::Fetching((self.fetch)(after)),
                Then::Fetching(mut fetching) => match fetching.as_mut().poll(context) {
                    Poll::Ready(fetched) => self.take(fetched),
                    Poll::Pending => {
                        self.then = Then::Fetching(fetching);
                        return Poll::Pending;
                    }
                },
            }
        }
    }

    fn take(&mut self, fetched: Result<Fetched<T>, Error>) {
        let (items, next) = match fetched {
            Ok(Fetched { items, next }) => (items, next),
            Err(error) => (Vec::new(), Err(error)),
        };
        self.then = match next {
            Err(error) => Then::Error(error),
            Ok(None) => Then::Over,
            // The page ends with an item that came before, so it came before.
            Ok(Some(cursor)) if !self.seen.insert(cursor.clone()) => return,
            Ok(Some(cursor)) => Then::Page(Some(cursor)),
        };
        self.ready = items.into_iter();
    }
}

/// Reads a page.
///
/// # Errors
///
/// Returns an error if the items are no list, because the rest would then be lost unseen.
fn read<P: Serialize, T>(
    answer: Response<P>,
    reader: PageReader<P, T>,
) -> Result<Fetched<T>, Error> {
    if (reader.extra)(&answer).get("data").is_some_and(|data| !data.is_null()) {
        return Err(answer.wrong_key("data", "a list of objects"));
    }
    let mut page = answer.map(reader.parts);
    let items = page.items.take().unwrap_or_default();
    let cursor = items.last().and_then(reader.id).map(str::to_owned).or(page.last_id.take());
    let next = match (page.has_more, cursor) {
        _ if items.is_empty() => Ok(None),
        (Some(false), _) | (None, None) => Ok(None),
        (_, Some(cursor)) => Ok(Some(cursor)),
        (Some(true), None) => {
            Err(page.invalid("the page has no `id` after which the next one begins, although `has_more` is set; ask the service"))
        }
    };
    Ok(Fetched { items, next })
}

impl<T> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(context)
    }
}

impl<T> Unpin for Items<T> {}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("ready", &self.ready.len()).finish_non_exhaustive()
    }
}
