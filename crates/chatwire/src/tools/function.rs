//! What the code of a tool must be able to do. [`super::handler`] runs it.

use std::future::Future;

/// The code of a tool: every `async fn` and every `async` closure that is `Clone`, and whose future is `Send`.
///
/// A call runs a copy of the code, so that its future owns what the closure has moved in. Stable Rust cannot yet say
/// that the future of an `AsyncFn`, which borrows from the closure, is `Send`.
pub trait ToolFunction<Args>: Clone + Send + Sync {
    /// The future of one call.
    type Running: Future + Send;

    /// Starts a call. It runs when the future is polled.
    fn start(self, arguments: Args) -> Self::Running;
}

impl<Args, Run, Running> ToolFunction<Args> for Run
where
    Run: FnOnce(Args) -> Running + Clone + Send + Sync,
    Running: Future + Send,
{
    type Running = Running;

    fn start(self, arguments: Args) -> Running {
        self(arguments)
    }
}
