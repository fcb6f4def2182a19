//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// A compiler for technical specifications: checks, runs and explains what a document says.
#[derive(Debug, Parser)]
#[command(name = "truespec", version, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Report what is missing, what contradicts what, and what cannot work
    Check(CheckArgs),
    /// Show what was understood of a document
    Outline(OutlineArgs),
    /// Write a specification from the template
    New(NewArgs),
    /// Print a rule's page, or the list of rules
    Explain(ExplainArgs),
    /// Write what a document says in a format that other tools read
    Export(ExportArgs),
    /// Serve the system that a document describes
    Run(RunArgs),
    /// Test a running implementation against the document that describes it
    Verify(Box<VerifyArgs>),
    /// Send the requests of a finding again
    Replay(ReplayArgs),
    /// Print a token, or an API key, for trying out a document that asks for one
    Token(TokenArgs),
    /// Print what a shell needs to complete commands
    Completions(CompletionsArgs),
    /// Print a manual page
    Man(ManArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// Files, or directories to search for specifications; `-` is standard input
    #[arg(default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Exit with 1 on warnings too
    #[arg(long, value_name = "WHAT", value_parser = ["warnings"])]
    pub(crate) deny: Option<String>,
    /// Show findings of level info too
    #[arg(long)]
    pub(crate) info: bool,
    /// Mend what can be mended without changing what a document means
    ///
    /// Only the places of the findings change; the rest of a file keeps every byte. What is left is told. With
    /// `-`, the mended document goes to standard output and the findings to standard error.
    #[arg(long)]
    pub(crate) fix: bool,
    /// Mend also what may change what a document means
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,
    /// Show what --fix would change, as a diff, and change nothing
    #[arg(long)]
    pub(crate) diff: bool,
    /// Check again whenever a document changes, until Ctrl-C
    #[arg(long, conflicts_with_all = ["fix", "unsafe_fixes", "diff", "update_baseline"])]
    pub(crate) watch: bool,
    /// A file of findings that are known and not told again
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write all findings to the baseline instead of telling them
    #[arg(long, requires = "baseline")]
    pub(crate) update_baseline: bool,
    /// Tell only what is due to changes since a git revision
    ///
    /// These are the findings on lines that are new or not as they were, and the findings that the documents
    /// did not have then, wherever they are. The documents are compared with the commit at which this branch
    /// left the revision; what is not committed yet counts as changed.
    #[arg(long, value_name = "REV", conflicts_with = "update_baseline")]
    pub(crate) since: Option<String>,
    /// The day on which the documents are judged (YYYY-MM-DD)
    #[arg(long, value_name = "DATE", env = "TRUESPEC_TODAY", value_parser = day)]
    pub(crate) today: Option<jiff::civil::Date>,
}

impl CheckArgs {
    /// Whether fixes are made, if only to show them.
    pub(crate) fn fixes(&self) -> bool {
        self.fix || self.unsafe_fixes || self.diff
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With source lines
    Text,
    /// One line each
    Concise,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
    /// JUnit's XML
    Junit,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OutlineArgs {
    /// A file
    pub(crate) spec: PathBuf,
    /// How it is written
    #[arg(long, value_enum, default_value_t = OutlineFormat::Text)]
    pub(crate) format: OutlineFormat,
    /// List the clauses that are neither enforced nor testable, by line
    #[arg(long)]
    pub(crate) unenforced: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutlineFormat {
    /// For reading
    Text,
    /// One JSON object
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct NewArgs {
    /// The file to write
    #[arg(default_value = "technical-specification.md")]
    pub(crate) path: PathBuf,
    /// What is specified
    #[arg(long)]
    pub(crate) title: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// The rule's name
    pub(crate) rule: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    /// `openapi` (3.1, JSON) or `html` (one page)
    pub(crate) target: String,
    /// The document
    pub(crate) spec: PathBuf,
    /// The file to write; standard output if it is not given
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Sets a config option
    #[arg(long = "set", value_name = "OPTION=VALUE")]
    pub(crate) settings: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// The document
    pub(crate) spec: PathBuf,
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// `sqlite:FILE` or `sqlite::memory:`; by default a file beside the document
    #[arg(long, value_name = "URL")]
    pub(crate) db: Option<String>,
    /// Sets a config option
    #[arg(long = "set", value_name = "OPTION=VALUE")]
    pub(crate) settings: Vec<String>,
    /// Begin without records; a database that is there is renamed first
    #[arg(long)]
    pub(crate) reset: bool,
    /// Answer 501 instead of inferring what the document does not say
    #[arg(long)]
    pub(crate) strict: bool,
    /// How requests are logged on standard error
    #[arg(long, value_enum, default_value_t = LogOption::Text)]
    pub(crate) log: LogOption,
}

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The document
    pub(crate) spec: PathBuf,
    /// Where the implementation is: scheme, host, port, and what stands before each path
    #[arg(long)]
    pub(crate) url: String,
    /// Groups of probes, or single ones, separated by commas; all if it is not given
    #[arg(long, value_delimiter = ',', value_parser = probe)]
    pub(crate) only: Vec<String>,
    /// What values are drawn from: the same seed sends the same requests
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// How many seconds the whole run may take
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) budget: u64,
    /// How many seconds one answer may take
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) timeout: u64,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = VerifyFormat::Text)]
    pub(crate) format: VerifyFormat,
    /// The file to write; standard output if it is not given
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Send only requests that change nothing
    #[arg(long)]
    pub(crate) safe: bool,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
    /// Sets a config option to what the implementation has
    #[arg(long = "set", value_name = "OPTION=VALUE")]
    pub(crate) settings: Vec<String>,
    /// Leave the records that were made where they are
    #[arg(long)]
    pub(crate) keep: bool,
    /// Where a second implementation is, which is sent the same requests and must answer alike
    #[arg(long, value_name = "URL")]
    pub(crate) against: Option<String>,
    /// The id of the implementation's process on this machine, to measure its processor and memory
    #[arg(long)]
    pub(crate) pid: Option<u32>,
    /// A directory for one file per finding, which `truespec replay` sends again
    #[arg(long, value_name = "DIR")]
    pub(crate) replays: Option<PathBuf>,
    /// A file for a record of what was verified and what came of it, for others to ask for later
    #[arg(long, value_name = "FILE")]
    pub(crate) receipt: Option<PathBuf>,
    /// What was running there, for the receipt: a revision, a digest of an image
    #[arg(long, value_name = "TEXT", requires = "receipt")]
    pub(crate) commit: Option<String>,
    /// The Ed25519 key that signs the receipt, as `ssh-keygen -t ed25519` writes it
    #[arg(long, value_name = "FILE", requires = "receipt")]
    pub(crate) key: Option<PathBuf>,
}

/// What proves who sends a request.
#[derive(Debug, clap::Args)]
pub(crate) struct CredentialArgs {
    /// A token, sent after `Bearer`
    #[arg(long, env = "TRUESPEC_TOKEN", hide_env_values = true, group = "auth")]
    pub(crate) token: Option<String>,
    /// A command that prints a token
    #[arg(long, value_name = "COMMAND", group = "auth")]
    pub(crate) token_command: Option<String>,
    /// A request that signs in, `POST /login {"email": …}`; several are sent in order, and the last answers a token
    #[arg(long, value_name = "REQUEST", group = "auth")]
    pub(crate) login: Vec<String>,
    /// A key, sent in the header that the document names
    #[arg(long, env = "TRUESPEC_API_KEY", hide_env_values = true, group = "auth")]
    pub(crate) api_key: Option<String>,
    /// A header, sent with each request: `Cookie: session=…`
    #[arg(long, value_name = "NAME: VALUE", group = "auth")]
    pub(crate) header: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerifyFormat {
    /// For reading
    Text,
    /// One JSON object
    Json,
    /// JUnit's XML: a case for each clause
    Junit,
    /// SARIF 2.1.0, on the lines of the document
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
    /// One page to read and to pass on
    Html,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReplayArgs {
    /// A file that `truespec verify --replays` wrote
    pub(crate) file: PathBuf,
    /// Where the implementation is; by default where it was
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// How many seconds one answer may take
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) timeout: u64,
    #[command(flatten)]
    pub(crate) credential: CredentialArgs,
}

fn probe(text: &str) -> Result<String, String> {
    if verify::PROBES.iter().any(|it| it.is(text)) {
        return Ok(text.to_owned());
    }
    let groups: Vec<&str> = verify::Group::ALL.iter().map(|it| it.as_str()).collect();
    let probes: Vec<&str> = verify::PROBES.iter().map(|it| it.name).collect();
    Err(format!("the groups are {}; the probes are {}", groups.join(", "), probes.join(", ")))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogOption {
    /// Not at all
    Off,
    /// One line of `key=value` pairs each
    Text,
    /// One JSON object each
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TokenArgs {
    /// The document
    pub(crate) spec: PathBuf,
    /// Who the token says that it is
    #[arg(long, default_value = "developer")]
    pub(crate) sub: String,
    /// A role that it says; may be repeated
    #[arg(long = "role")]
    pub(crate) roles: Vec<String>,
    /// For how many seconds it holds
    #[arg(long, default_value_t = 86_400, allow_negative_numbers = true)]
    pub(crate) ttl: i64,
    /// The private key of RS256 and ES256, a PEM file
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The database that is served; by default the file beside the document
    #[arg(long, value_name = "URL")]
    pub(crate) db: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// The command that it is about; all of the program if it is not given
    pub(crate) command: Option<String>,
    /// A directory to write all pages to
    #[arg(short, long, value_name = "DIR", conflicts_with = "command")]
    pub(crate) output: Option<PathBuf>,
}

fn day(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| "a day is written YYYY-MM-DD".to_owned())
}
