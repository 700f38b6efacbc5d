//! A tool and the code that runs it. [`super::turns`] decides which tool a call is for.

use std::future::{Future, ready};
use std::pin::Pin;

use chatwire_types::{Content, Tool, ToolCall};
use serde_core::de::DeserializeOwned;

use super::{ToolFunction, ToolOutput, ToolResult};
use crate::parse::ParseArguments as _;

/// A call that is being answered.
pub(super) type Running<'a> = Pin<Box<dyn Future<Output = ToolResult> + Send + 'a>>;

type Run<'a> = Box<dyn Fn(ToolCall) -> Running<'a> + Send + Sync + 'a>;

pub(super) struct Handler<'a> {
    pub(super) tool: Tool,
    run: Run<'a>,
}

impl<'a> Handler<'a> {
    pub(super) fn function<Args, Run, Output>(tool: Tool, function: Run) -> Self
    where
        Args: DeserializeOwned,
        Run: ToolFunction<Args, Running: Future<Output = Output> + 'a> + 'a,
        Output: ToolOutput,
    {
        let run = move |call: ToolCall| match call.arguments::<Args>() {
            Ok(arguments) => answered(call, function.clone().start(arguments)),
            Err(error) => failed(call, error.to_string()),
        };
        Self { tool, run: Box::new(run) }
    }

    pub(super) fn custom<Run, Output>(tool: Tool, function: Run) -> Self
    where
        Run: ToolFunction<String, Running: Future<Output = Output> + 'a> + 'a,
        Output: ToolOutput,
    {
        let run = move |call: ToolCall| match custom_input(&call) {
            Some(input) => answered(call, function.clone().start(input)),
            None => failed(call, "This tool takes free text in place of JSON.".to_owned()),
        };
        Self { tool, run: Box::new(run) }
    }

    pub(super) fn name(&self) -> &str {
        name(&self.tool).unwrap_or_default()
    }

    /// Starts the code. It runs when the future is polled.
    pub(super) fn run(&self, call: ToolCall) -> Running<'a> {
        (self.run)(call)
    }
}

/// The name of a tool. Tools that the document does not know may have none.
pub(super) fn name(tool: &Tool) -> Option<&str> {
    match tool {
        Tool::Function(tool) => Some(&tool.function.name),
        Tool::Custom(tool) => Some(&tool.custom.name),
        _ => None,
    }
}

fn custom_input(call: &ToolCall) -> Option<String> {
    match call {
        ToolCall::Custom(call) => call.custom.as_ref()?.input.clone(),
        _ => None,
    }
}

fn answered<'a, Output>(call: ToolCall, running: Output) -> Running<'a>
where
    Output: Future<Output: ToolOutput> + Send + 'a,
{
    Box::pin(async move {
        match running.await.into_content() {
            Ok(content) => ToolResult { call, content, is_error: false },
            Err(error) => error_result(call, format!("The tool failed: {error}")),
        }
    })
}

/// Answers a call with an error.
pub(super) fn failed<'a>(call: ToolCall, text: String) -> Running<'a> {
    Box::pin(ready(error_result(call, text)))
}

fn error_result(call: ToolCall, text: String) -> ToolResult {
    ToolResult { call, content: Content::Text(text), is_error: true }
}
