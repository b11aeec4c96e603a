//! `proxy-wasm-cors`: the filter's judgement without a proxy. It checks configurations and explains decisions with
//! the very code that runs in the plugin.

mod commands;
mod files;
mod page;
mod placement;
mod punycode;
mod style;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use commands::arguments::CallArgs;
use commands::{check, explain, schema};

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
    /// WasmPlugin or TrafficExtension, an Envoy Gateway EnvoyExtensionPolicy. Exits with 1 if there is any problem.
    Check {
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// How to print what is found
        #[arg(long, default_value = "text")]
        format: Format,
    },
    /// Explain what the filter does with a page's call, and what the browser then does
    Explain(ExplainArgs),
    /// Print the JSON Schema of the configuration, for editors
    Schema,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each finding, for people
    Text,
    /// One JSON document, for machines
    Json,
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
        Command::Check { files, format } => check::run(&files, format),
        Command::Explain(args) => explain::run(&args),
        Command::Schema => {
            style::say(&schema::text());
            true
        }
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
