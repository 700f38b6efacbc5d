//! Keeps the completions whose requests have `store: true`, and answers the operations on them.
//! [`chat`](crate::chat) makes the completions.

mod draft;
mod list_query;
mod page;
mod store;

pub(crate) use draft::Draft;
pub(crate) use list_query::ListQuery;
pub(crate) use store::Store;
