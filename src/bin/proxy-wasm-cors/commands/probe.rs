//! `probe`: what a live endpoint answers to a page's call, whether the page gets it, and what is risky in it.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use proxy_wasm_cors::origin::Origin;
use proxy_wasm_cors::policy::set::PolicySet;

use crate::Format;
use crate::commands::arguments;
use crate::commands::explain::unusable_text;
use crate::files::in_force::InForce;
use crate::page::call::{Call, CallHeader, Way};
use crate::probe::client::{Client, Settings};
use crate::probe::comparison::differences;
use crate::probe::endpoint::Endpoint;
use crate::probe::findings::findings;
use crate::probe::inquiry::{Inquiry, Question};
use crate::probe::telling::{Report, json, text};
use crate::probe::trust::Trust;
use crate::style::say;

/// The endpoint was not reached, or nothing was asked.
const NOT_ASKED: u8 = 2;

/// A live endpoint and a page's call to it.
#[derive(Args)]
pub(crate) struct ProbeArgs {
    /// The URL that the page calls
    #[arg(value_parser = Endpoint::parse)]
    url: Endpoint,
    /// The origin of the page, such as `https://app.example.com`
    #[arg(long, value_parser = origin)]
    origin: String,
    /// The method of the call
    #[arg(long, default_value = "GET", value_parser = arguments::method)]
    method: String,
    /// A request header that the script sets, as `name: value`, or only its name for the preflight; can be repeated
    #[arg(long = "header", value_name = "HEADER", value_parser = header)]
    headers: Vec<CallHeader>,
    /// Whether the script sends credentials, as with `credentials: "include"`; `probe` itself sends none
    #[arg(long)]
    credentials: bool,
    /// Compare the answers with what this configuration would send
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The name of the route that Envoy chooses, for the policy
    #[arg(long, requires = "policy")]
    route: Option<String>,
    /// Also make the call itself, without a body; otherwise send only a preflight and a GET or HEAD
    #[arg(long)]
    send: bool,
    /// Also try other origins, with about ten more requests; asks first if the endpoint is not on this machine
    #[arg(long)]
    audit: bool,
    /// Answer yes when `--audit` asks
    #[arg(long, requires = "audit")]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionArgs,
    /// How to print it
    #[arg(long, default_value = "text")]
    format: Format,
}

/// How the endpoint is reached.
#[derive(Args)]
struct ConnectionArgs {
    /// Use HTTP/2 even without TLS; over TLS, HTTP/2 is used anyway if the server offers it
    #[arg(long)]
    http2: bool,
    /// Also trust these certificate authorities, in PEM
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Trust any certificate
    #[arg(long)]
    insecure: bool,
    /// Connect to this address instead, such as `127.0.0.1:8443`, but still ask for the URL's host
    #[arg(long, value_name = "HOST:PORT")]
    connect_to: Option<String>,
    /// How many seconds an answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=300))]
    timeout: u64,
}

/// Asks and reports. Ends with 0 if the page gets the answer and nothing is severe, with 1 otherwise, and with 2 if
/// nobody answers.
pub(crate) fn run(args: &ProbeArgs) -> ExitCode {
    match report(args) {
        Ok(report) => tell(&report, args.format),
        Err(message) => {
            anstream::eprintln!("{message}");
            ExitCode::from(NOT_ASKED)
        }
    }
}

fn report(args: &ProbeArgs) -> Result<Report, String> {
    let question = question(args)?;
    let policies = args.policy.as_deref().map(policies).transpose()?;
    let addresses = addresses(args)?;
    if args.audit && !args.yes {
        consent(&args.url, &addresses)?;
    }
    let trust = Trust { authorities: args.connection.cacert.clone(), is_insecure: args.connection.insecure };
    let patience = args.connection.timeout;
    let settings =
        Settings { trust, is_http2: args.connection.http2, patience: Duration::from_secs(patience) };
    let client = Client::new(args.url.clone(), addresses, &settings)?;
    let inquiry = Inquiry::make(&question, &client);
    let target = args.url.target(args.route.clone());
    let differences = policies.map(|policies| differences(&inquiry, &policies, &target));
    Ok(Report { findings: findings(&inquiry), differences, question, inquiry, patience })
}

fn tell(report: &Report, format: Format) -> ExitCode {
    match format {
        Format::Text => text::print(report),
        Format::Json => say(&json::document(report)),
    }
    if let Some((request, why)) = &report.inquiry.unreachable {
        anstream::eprintln!("{}", text::unanswered(report, request, why));
        return ExitCode::from(NOT_ASKED);
    }
    if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn question(args: &ProbeArgs) -> Result<Question, String> {
    let bare = args.headers.iter().find(|header| header.value.is_none());
    if let Some(CallHeader { name, .. }) = bare.filter(|_| args.send) {
        return Err(format!("`--send` needs the value of `{name}`: write `--header '{name}: VALUE'`"));
    }
    if args.url.is_own_origin(&args.origin) {
        return Err(format!(
            "{} is the origin of the API itself, and its own pages need no CORS; give the origin of another page",
            args.origin
        ));
    }
    let call = Call {
        origin: args.origin.clone(),
        method: args.method.clone(),
        headers: args.headers.clone(),
        credentials: args.credentials,
        way: Way::Fetch,
    };
    Ok(Question { endpoint: args.url.clone(), call, is_sent: args.send, is_audit: args.audit })
}

fn policies(file: &Path) -> Result<PolicySet, String> {
    let in_force = InForce::load(file, None).map_err(|unusable| unusable_text(file, unusable))?;
    Ok(in_force.policies)
}

fn addresses(args: &ProbeArgs) -> Result<Vec<SocketAddr>, String> {
    let (told, found) = match &args.connection.connect_to {
        Some(place) => (place.as_str(), place.to_socket_addrs().map(Iterator::collect)),
        None => (args.url.host(), args.url.addresses()),
    };
    found.map_err(|error| format!("{told}: {error}"))
}

/// Whether the user agrees to send somebody else's server more than a page would send.
fn consent(endpoint: &Endpoint, addresses: &[SocketAddr]) -> Result<(), String> {
    if addresses.iter().all(|address| address.ip().is_loopback()) {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(
            "`--audit` asks before it calls another machine, but there is no terminal to ask on; `--yes` answers for \
                you"
                .to_owned(),
        );
    }
    anstream::eprint!(
        "About ten requests with the origins of strangers go to {}. Is it yours to test? [y/N] ",
        endpoint.authority
    );
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|error| error.to_string())?;
    let is_yes = matches!(answer.trim(), "y" | "Y" | "yes");
    if is_yes { Ok(()) } else { Err("nothing was sent".to_owned()) }
}

/// An origin as browsers send it.
fn origin(text: &str) -> Result<String, &'static str> {
    if text == "null" || Origin::parse(text).is_some() {
        return Ok(text.to_owned());
    }
    Err(
        "it is not an origin; write it as browsers send it, such as `https://app.example.com`: scheme and host, \
            without a default port",
    )
}

fn header(text: &str) -> Result<CallHeader, &'static str> {
    let header = arguments::header(text)?;
    if header.name == "upgrade" { Err("a WebSocket is not probed") } else { Ok(header) }
}
