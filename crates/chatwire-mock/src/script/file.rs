//! Reads a script from a file of YAML or JSON. [`rule`](super::rule) has what a file becomes, and
//! [`keys`](super::keys) the keys of a file.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use serde_saphyr::{Error, Location, MessageFormatter, Spanned, UserMessageFormatter};

use super::keys::{ReplyKeys, RuleKeys, ScriptKeys};
use super::prepared::Prepared;
use super::reply::Reply;
use super::rule::{Rule, Script};

/// A script that cannot be read. `Display` gives the file, the line and the column, what is wrong, and how to
/// fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    message: String,
}

impl Script {
    /// Reads a script from a file of YAML or JSON.
    ///
    /// ```yaml
    /// rules:
    ///   - name: weather              # named in errors, and in the header `x-chatwire-rule`
    ///     when:                      # all of it must be met; a rule without it answers all requests
    ///       model: gpt-*             # `*` stands for any text
    ///       last_message: {regex: "(?i)weather in [a-z]+"}
    ///       last_role: user
    ///       tools: [get_weather]
    ///       headers: {x-tenant: blue}
    ///       body: {temperature: 0, stream: null}
    ///       nth: [1, 3]              # or one number
    ///     reply:
    ///       reasoning: The user wants the weather.
    ///       tool_calls:
    ///         - name: get_weather
    ///           arguments: {city: Paris}
    ///   - name: busy
    ///     when: {last_message: "*busy*"}
    ///     replies:                   # one after the other; the last is repeated
    ///       - error: {status: 429, message: Slow down.}
    ///         headers: {retry-after: 1}
    ///       - error: 503
    ///       - text: Here I am.
    ///         delay: 200ms
    ///         fault: cut-after-chunks=2
    ///   - reply: I know nothing else. # short for a text
    /// ```
    ///
    /// The keys are those of [`Rule`] and of [`Reply`]. A reply has one kind of content:
    ///
    /// | key | value |
    /// | --- | --- |
    /// | `text`, `reasoning`, `refusal`, `finish_reason` | texts |
    /// | `tool_calls` | a list of `name`, `arguments` (any JSON, or a text that is sent as it is) and `id`; a custom tool has `input` in place of `arguments` |
    /// | `logprobs`, `usage`, `message` | objects: the log-probabilities of each choice, and keys that replace those of the usage and the message |
    /// | `completion` | a whole completion |
    /// | `error` | a status, or an object with `status` and any of `message`, `type`, `param` and `code` |
    /// | `json` | any JSON |
    /// | `bytes` | an object with `content_type` and `text` |
    /// | `file` | the path of a file with the body, from the folder of the script |
    ///
    /// These keys can be added to any content:
    ///
    /// | key | value |
    /// | --- | --- |
    /// | `status` | a number |
    /// | `headers` | names with a value each, or with a list of values |
    /// | `delay`, `chunk_delay` | times such as `250ms` |
    /// | `fault` | faults as [`Fault`](crate::Fault) describes them, separated by `;` |
    /// | `error_after` | an object with `chunks` and the keys of `error`, without `status` |
    ///
    /// Times and faults are texts. Aliases of YAML repeat parts of a script.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use chatwire_mock::{MockServer, Script};
    ///
    /// let script = Script::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripts/weather.yaml"))?;
    /// let server = MockServer::builder().script(script).start().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Returns an error if the file or a file that it names cannot be read, or if the script has a mistake.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ScriptError> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(|error| {
            let message = format!("the script {} cannot be read: {error}", path.display());
            ScriptError { message }
        })?;
        let base = path.parent().unwrap_or(Path::new(""));
        parse(&text, base).map_err(|problem| problem.of(&path.display().to_string()))
    }

    /// Reads a script from a text of YAML or JSON. It has the keys of [`read`](Self::read), and the paths of
    /// its files start at the current folder.
    ///
    /// ```
    /// use chatwire_mock::Script;
    ///
    /// let script = Script::parse("rules: [{when: {model: gpt-*}, reply: {text: Hello!}}]")?;
    /// let error = Script::parse("rules:\n- replys: Hi").unwrap_err();
    /// assert!(error.to_string().starts_with("script:2:3: unknown field `replys`"));
    /// # Ok::<(), chatwire_mock::ScriptError>(())
    /// ```
    ///
    /// # Errors
    /// The same as [`read`](Self::read).
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        parse(text, Path::new("")).map_err(|problem| problem.of("script"))
    }
}

/// What is wrong, and where.
struct Problem {
    place: Option<(u64, u64)>,
    message: String,
}

impl Problem {
    fn at(location: Location, message: String) -> Self {
        Self { place: Some((location.line(), location.column())), message }
    }

    fn of(self, file: &str) -> ScriptError {
        let Self { place, message } = self;
        let (line, column) = place.unwrap_or((1, 1));
        ScriptError { message: format!("{file}:{line}:{column}: {message}") }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let place = error.location().map(|location| (location.line(), location.column()));
        let message = error.without_snippet().render_with_formatter(&WithFix);
        let suffix = place.map(|(line, column)| format!(" at line {line}, column {column}"));
        let message = match suffix {
            Some(suffix) => message.trim_end_matches(&suffix).to_owned(),
            None => message,
        };
        Self { place, message }
    }
}

/// Adds to the messages of the library how to fix what they describe. Those of [`keys`](super::keys) say it
/// themselves.
struct WithFix;

impl MessageFormatter for WithFix {
    fn format_message<'a>(&self, error: &'a Error) -> Cow<'a, str> {
        let message = UserMessageFormatter.format_message(error);
        let fix = match error {
            Error::Eof { .. } => "write rules, such as `rules: [{reply: Hello!}]`",
            Error::MultipleDocuments { .. } => "remove the `---`",
            Error::DuplicateMappingKey { .. } => "keep one of the two",
            Error::Unexpected { .. } => "write a value of that type",
            Error::ExternalMessage { .. } => {
                "check quotes, brackets and indentation on this line and above it"
            }
            _ => return message,
        };
        format!("{message}: {fix}").into()
    }
}

fn parse(text: &str, base: &Path) -> Result<Script, Problem> {
    let ScriptKeys { rules } = serde_saphyr::from_str(text)?;
    let rules = rules.into_iter().map(|rule| make_rule(rule, base));
    Ok(Script { rules: rules.collect::<Result<_, _>>()? })
}

fn make_rule(rule: Spanned<RuleKeys>, base: &Path) -> Result<Rule, Problem> {
    let Spanned { value: RuleKeys { name, when, reply, replies }, referenced, .. } = rule;
    if reply.is_some() && replies.is_some() {
        let text = "the rule has `reply` and `replies`: move the reply into the list";
        return Err(Problem::at(referenced, text.to_owned()));
    }
    let replies = reply.into_iter().chain(replies.unwrap_or_default());
    let replies = replies.map(|reply| make_reply(reply, base)).collect::<Result<_, _>>()?;
    let (conditions, nth) = when.unwrap_or_default().conditions();
    Ok(Rule { name, conditions, nth, replies })
}

fn make_reply(reply: Spanned<ReplyKeys>, base: &Path) -> Result<Reply, Problem> {
    let Spanned { value, referenced, .. } = reply;
    let mut reply = value.reply();
    reply.file = reply.file.map(|path: PathBuf| base.join(path));
    match Prepared::new(reply.clone()) {
        Ok(_) => Ok(reply),
        Err(problem) => Err(Problem::at(referenced, problem)),
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ScriptError {}
