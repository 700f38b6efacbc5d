//! The runtime that commands with a network run in, and Ctrl-C. What they do in it is in their own files.

use tokio::runtime::Runtime;

use crate::failure::Failure;

pub(crate) fn new() -> Result<Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::new(format!("the runtime cannot start: {error}")))
}

/// Runs the work until Ctrl-C. Dropping it then closes its connection, which tells the server to stop.
pub(crate) async fn until_interrupted<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut work = std::pin::pin!(work);
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    std::future::poll_fn(|cx| {
        if interrupt.as_mut().poll(cx).is_ready() {
            return std::task::Poll::Ready(Err(Failure::Interrupted));
        }
        work.as_mut().poll(cx)
    })
    .await
}
