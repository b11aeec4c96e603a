//! `proxy-wasm-cors`: the filter's judgement without a proxy. It checks configurations and explains decisions with
//! the very code that runs in the plugin.

mod commands;
mod entries;
mod files;
mod messages;
mod page;
mod placement;
mod probe;
mod punycode;
mod sources;
mod style;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use commands::arguments::CallArgs;
use commands::probe::ProbeArgs;
use commands::{check, convert, diff, explain, manual, schema, test};

/// Checks configurations of the CORS filter and explains what it decides.
#[derive(Parser)]
#[command(version, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check configurations: every problem and warning, with its place and what to write instead
    ///
    /// A file is a policy in JSON or YAML, or a larger file that contains the filter: a configuration of Envoy, an Istio
    /// WasmPlugin or TrafficExtension, an Envoy Gateway EnvoyExtensionPolicy or EnvoyProxy, or a ConfigMap that holds such a
    /// file. Exits with 1 if there is a problem. docs/messages.md explains each message; look for the id at its end.
    Check(check::Arguments),
    /// Explain what the filter does with a page's call, and what the browser then does
    Explain(ExplainArgs),
    /// Check that pages get what your expectations files say, for continuous integration
    ///
    /// Such a file names a configuration and lists calls, each with the expected result. Exits with 1 if a call turns out
    /// differently, and with 2 if a file cannot be read or its configuration is refused.
    Test {
        /// The expectations files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// How to print the results
        #[arg(long, default_value = "text")]
        format: TestFormat,
    },
    /// Show what changes for pages from one configuration to another
    ///
    /// Exits with 0 if nothing changes, with 1 if something does, and with 2 if a configuration cannot be read or is refused.
    Diff(DiffArgs),
    /// Turn the CORS settings of another product into a policy, and say what differs
    ///
    /// The policy goes to standard output. Standard error gets a line for each difference: `same` only looks like one,
    /// `changed` is visible in traffic but not to a page, `narrower` and `wider` let some page do less or more, `dropped`
    /// had no effect in any browser, and `ask` is for a person to decide. Exits with 1 if a person has to decide something or
    /// `check` would refuse the policy, and with 2 if there are no CORS settings.
    Convert(convert::ConvertArgs),
    /// Ask a live endpoint what a page gets from it, and find what is risky in its answers
    ///
    /// `probe` sends what a browser would send, and prints what it sends. Exits with 0 if the page gets the answer, nothing is
    /// severe and nothing differs from the policy, with 1 otherwise, and with 2 if there is no answer.
    Probe(ProbeArgs),
    /// Print the JSON Schema of the configuration, for editors
    ///
    /// Redirect it into a file, and let the first line of a policy name that file for the YAML language server:
    /// `# yaml-language-server: $schema=./schema.json`.
    Schema {
        /// What the schema describes
        #[arg(long, default_value = "configuration")]
        of: SchemaOf,
    },
    /// Print a script that completes the command's arguments in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each finding, for people
    Text,
    /// One JSON document, for programs
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TestFormat {
    /// What failed and why, for people
    Text,
    /// JUnit's XML, for build servers
    Junit,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SchemaOf {
    /// The configuration of the filter
    Configuration,
    /// An expectations file, as `test` reads it
    Test,
}

/// A configuration and the call that is explained under it.
#[derive(Args)]
struct ExplainArgs {
    /// The configuration, as for `check`
    file: PathBuf,
    #[command(flatten)]
    call: CallArgs,
    /// Which configuration of the filter, if the file has several: the name of the HTTP filter, the plugin or the resource
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
    /// How to print it
    #[arg(long, default_value = "text")]
    format: Format,
    /// Exit with 1 unless the page certainly gets the answer, and with 2 if there is no configuration to explain
    #[arg(long)]
    exit_code: bool,
}

/// Two configurations that are compared.
#[derive(Args)]
struct DiffArgs {
    /// The present configuration, as for `check`
    old: PathBuf,
    /// The new configuration
    new: PathBuf,
    /// Which configuration of the filter, if a file has several: the name of the HTTP filter, the plugin or the resource
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
    /// How to print what changes
    #[arg(long, default_value = "text")]
    format: Format,
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Check(args) if check::run(&args) => ExitCode::SUCCESS,
        Command::Check(_) => ExitCode::FAILURE,
        Command::Explain(args) => explain::run(&args),
        Command::Test { files, format } => test::run(&files, format),
        Command::Diff(args) => diff::run(&args),
        Command::Convert(args) => convert::run(&args),
        Command::Probe(args) => commands::probe::run(&args),
        Command::Schema { of } => {
            style::say(&match of {
                SchemaOf::Configuration => schema::text(),
                SchemaOf::Test => test::schema::text(),
            });
            ExitCode::SUCCESS
        }
        Command::Completions { shell } => ended(manual::completions(shell, Cli::command())),
        Command::Man => ended(manual::page(Cli::command())),
    }
}

fn ended(is_done: bool) -> ExitCode {
    if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
