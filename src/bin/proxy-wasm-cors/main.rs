//! `proxy-wasm-cors`: the filter's judgement without a proxy. It checks configurations and explains decisions with
//! the very code that runs in the plugin.

mod commands;
mod files;
mod messages;
mod page;
mod placement;
mod punycode;
mod style;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use commands::arguments::CallArgs;
use commands::{check, explain, manual, schema};

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
    /// A file is a policy in JSON or YAML, or a whole configuration that the filter's stands in: of Envoy, an Istio
    /// WasmPlugin or TrafficExtension, an Envoy Gateway EnvoyExtensionPolicy or EnvoyProxy, or a ConfigMap with such a file in
    /// it. Exits with 1 if there is any problem. docs/messages.md explains each message by the id at its end.
    Check(check::Arguments),
    /// Explain what the filter does with a page's call, and what the browser then does
    Explain(ExplainArgs),
    /// Print the JSON Schema of the configuration, for editors
    ///
    /// Editors with the YAML language server read it where a policy begins with a line that names it:
    /// `# yaml-language-server: $schema=./schema.json`. What is printed goes into that file.
    Schema,
    /// Print a script that completes the command's arguments in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

/// A configuration and the call that is explained under it.
#[derive(Args)]
struct ExplainArgs {
    /// The configuration, as for `check`
    file: PathBuf,
    #[command(flatten)]
    call: CallArgs,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Check(args) => check::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Schema => {
            style::say(&schema::text());
            true
        }
        Command::Completions { shell } => manual::completions(shell, Cli::command()),
        Command::Man => manual::page(Cli::command()),
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
