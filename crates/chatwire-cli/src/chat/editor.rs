//! Reads lines from a person, with editing and a history of this run. [`conversation`](super::conversation)
//! asks for prompts, [`tools`](super::tools) for results.

use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;

use crate::failure::Failure;

pub(super) struct Editor(DefaultEditor);

/// What the person did.
pub(super) enum Line {
    Text(String),
    /// Ctrl-D.
    End,
    /// Ctrl-C.
    Interrupted,
}

impl Editor {
    pub(super) fn new() -> Result<Self, Failure> {
        DefaultEditor::new().map(Self).map_err(|error| failure(&error))
    }

    pub(super) fn read(&mut self, prompt: &str) -> Result<Line, Failure> {
        match self.0.readline(prompt) {
            Ok(line) => {
                // A line that cannot be remembered can still be used.
                let _ = self.0.add_history_entry(&line);
                Ok(Line::Text(line))
            }
            Err(ReadlineError::Eof) => Ok(Line::End),
            Err(ReadlineError::Interrupted) => Ok(Line::Interrupted),
            Err(error) => Err(failure(&error)),
        }
    }
}

fn failure(error: &ReadlineError) -> Failure {
    Failure::new(format!("the terminal cannot be read: {error}; write `chatwire chat PROMPT`"))
}
