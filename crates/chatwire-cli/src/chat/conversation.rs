//! A conversation at a terminal: prompts with line editing, and a few commands. [`session`](super::session)
//! asks and prints each answer.

use std::io::Write as _;
use std::path::Path;

use chatwire::{CreateChatCompletionRequest, Message};

use super::editor::{Editor, Line};
use super::notes::note;
use super::request::user_message;
use super::session::Session;
use crate::args::ChatArgs;
use crate::failure::Failure;

/// Talks until the person ends it. The request has the messages before the conversation.
pub(super) fn run(args: &ChatArgs, request: CreateChatCompletionRequest) -> Result<(), Failure> {
    if args.output.json || request.n.unwrap_or(1) > 1 {
        return Err(Failure::usage(
            "a conversation has one answer after the other, so --json and --n need a PROMPT",
        ));
    }
    let mut editor = Editor::new()?;
    let session = Session::start(args)?;
    note("/help lists the commands, and Ctrl-D ends the conversation");
    let mut conversation = Conversation::new(args, request);
    loop {
        let line = match editor.read("> ")? {
            Line::Text(line) => line,
            Line::End => return Ok(()),
            Line::Interrupted => return Err(Failure::Interrupted),
        };
        match Command::parse(&line) {
            Command::Nothing => {}
            Command::Quit => return Ok(()),
            Command::Prompt(prompt) => conversation.ask(&session, prompt)?,
            Command::Help => HELP.lines().for_each(note),
            Command::Clear => conversation.clear(),
            Command::Model(name) => conversation.choose_model(name),
            Command::Save(file) => conversation.save(file),
            Command::Unknown(name) => {
                note(&format!("there is no command {name}; /help lists the commands"));
            }
        }
    }
}

const HELP: &str = "\
/clear        forget the conversation, except --system
/model NAME   ask another model; without a name, show the model
/save FILE    write the conversation to a new file, as a request in JSON
/quit         end the conversation, as Ctrl-D does
Ctrl-C stops an answer and takes the prompt back. A prompt that begins with `/` needs a blank before it.";

/// What a line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Command<'a> {
    Nothing,
    Prompt(&'a str),
    Help,
    Clear,
    Model(&'a str),
    Save(&'a str),
    Quit,
    Unknown(&'a str),
}

impl<'a> Command<'a> {
    fn parse(line: &'a str) -> Self {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            return Self::Nothing;
        }
        if !line.starts_with('/') {
            return Self::Prompt(trimmed);
        }
        let (name, rest) = trimmed.split_once(char::is_whitespace).unwrap_or((trimmed, ""));
        match name {
            "/help" => Self::Help,
            "/clear" => Self::Clear,
            "/model" => Self::Model(rest.trim()),
            "/save" => Self::Save(rest.trim()),
            "/quit" | "/exit" => Self::Quit,
            name => Self::Unknown(name),
        }
    }
}

struct Conversation<'a> {
    request: CreateChatCompletionRequest,
    /// The messages before the conversation.
    beginning: Option<Vec<Message>>,
    /// Images that go with the next prompt.
    images: &'a [String],
}

impl<'a> Conversation<'a> {
    fn new(args: &'a ChatArgs, request: CreateChatCompletionRequest) -> Self {
        Self { beginning: request.messages.clone(), request, images: &args.image }
    }

    /// Sends a prompt. If there is no answer, the conversation stays as it was, so that the prompt can be sent
    /// again.
    fn ask(&mut self, session: &Session<'_>, prompt: &str) -> Result<(), Failure> {
        let mut request = self.request.clone();
        let asked = user_message(prompt, self.images).and_then(|message| {
            request.push(message);
            session.ask(&mut request)
        });
        match asked {
            Ok(()) if is_answered(&request) => {
                self.images = &[];
                self.request = request;
            }
            Ok(()) => note("the tool calls have no results, so the prompt is taken back"),
            Err(failure @ Failure::BrokenPipe) => return Err(failure),
            Err(failure) => failure.report(),
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.request.messages.clone_from(&self.beginning);
        note("the conversation is forgotten");
    }

    fn choose_model(&mut self, name: &str) {
        if !name.is_empty() {
            self.request.model = Some(name.into());
        }
        note(&format!("the model is {}", self.request.model.as_deref().unwrap_or_default()));
    }

    fn save(&self, file: &str) {
        if file.is_empty() {
            return note("write /save FILE");
        }
        match write_new(Path::new(file), &self.request) {
            Ok(()) => note(&format!("saved as {file}")),
            Err(error) => note(&format!("{file} cannot be written: {error}")),
        }
    }
}

fn is_answered(request: &CreateChatCompletionRequest) -> bool {
    matches!(request.messages.iter().flatten().last(), Some(Message::Assistant(_)))
}

/// Writes a file that does not exist yet, so that no other file is lost.
fn write_new(file: &Path, request: &CreateChatCompletionRequest) -> std::io::Result<()> {
    let mut json = serde_json::to_vec_pretty(request)?;
    json.push(b'\n');
    std::fs::File::create_new(file)?.write_all(&json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let check = |line, command| assert_eq!(Command::parse(line), command, "{line:?}");
        check("", Command::Nothing);
        check("  \n", Command::Nothing);
        check(" Hello there ", Command::Prompt("Hello there"));
        check(" /etc/passwd?", Command::Prompt("/etc/passwd?"));
        check("/help", Command::Help);
        check("/model  a b ", Command::Model("a b"));
        check("/model", Command::Model(""));
        check("/save\ta.json", Command::Save("a.json"));
        check("/models x", Command::Unknown("/models"));
        check("/", Command::Unknown("/"));
    }
}
