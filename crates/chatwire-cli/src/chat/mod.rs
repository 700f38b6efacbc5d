//! `chatwire chat`: sends one prompt, or holds a [`conversation`]. [`session`] asks and prints, [`request`]
//! turns the arguments into a request.

mod answer;
mod conversation;
mod editor;
mod image;
mod notes;
mod printer;
mod request;
mod server;
mod session;
mod spinner;
mod tools;

use std::io::{self, IsTerminal as _, Read as _};

use crate::args::ChatArgs;
use crate::failure::Failure;
use session::Session;

pub(crate) fn run(args: &ChatArgs) -> Result<(), Failure> {
    let mut request = request::from_args(args)?;
    // Before the runtime handles Ctrl-C, because reading stdin blocks and Ctrl-C must still end it.
    let Some(prompt) = prompt(args)? else { return conversation::run(args, request) };
    request.push(request::user_message(&prompt, &args.image)?);
    Session::start(args)?.ask(&mut request)
}

/// The only prompt; `None` if a person at a terminal writes one after the other.
fn prompt(args: &ChatArgs) -> Result<Option<String>, Failure> {
    match args.prompt.as_deref() {
        Some("-") => match piped()? {
            prompt if prompt.is_empty() => {
                Err(Failure::new("stdin is empty; pipe the prompt in, or write it in place of `-`"))
            }
            prompt => Ok(Some(prompt)),
        },
        Some(prompt) => Ok(Some(prompt.to_owned())),
        None if io::stdin().is_terminal() => Ok(None),
        None => match piped()? {
            prompt if prompt.is_empty() => Err(Failure::usage(
                "there is no prompt: stdin is empty; write `chatwire chat PROMPT`, or pipe the prompt in",
            )),
            prompt => Ok(Some(prompt)),
        },
    }
}

fn piped() -> Result<String, Failure> {
    let mut prompt = String::new();
    io::stdin().read_to_string(&mut prompt).map_err(|error| {
        Failure::new(format!("the prompt cannot be read from stdin: {error}; it must be UTF-8"))
    })?;
    Ok(prompt.trim_end().to_owned())
}
