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
use commands::{check, explain, schema};
use proxy_wasm_cors::request::header_name::{is_forbidden_request_header, is_token};

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

/// A call that a page's script makes with `fetch`.
#[derive(Args)]
struct ExplainArgs {
    /// The configuration, as for `check`
    file: PathBuf,
    /// The origin of the page, such as `https://app.example.com`; without it, a call by no browser
    #[arg(long)]
    origin: Option<String>,
    /// The method of the call
    #[arg(long, default_value = "GET", value_parser = method)]
    method: String,
    /// The name of a request header that the script sets; can be repeated
    #[arg(long = "header", value_name = "NAME", value_parser = header_name)]
    headers: Vec<String>,
    /// Whether the script sends credentials, as with `credentials: "include"`
    #[arg(long)]
    credentials: bool,
    /// The API's host, as in `:authority`
    #[arg(long, default_value = "api.example.com")]
    host: String,
    /// The path of the call
    #[arg(long, default_value = "/")]
    path: String,
    /// The name of the route that Envoy chooses
    #[arg(long)]
    route: Option<String>,
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

fn method(text: &str) -> Result<String, &'static str> {
    if is_token(text.as_bytes()) { Ok(text.to_owned()) } else { Err("it is no method") }
}

fn header_name(text: &str) -> Result<String, &'static str> {
    let name = text.to_ascii_lowercase();
    if !is_token(name.as_bytes()) {
        return Err("it is no name of a header; write the name alone, such as `content-type`");
    }
    if is_forbidden_request_header(&name) || name.starts_with("access-control-request-") {
        return Err("browsers let no script set it");
    }
    Ok(name)
}
