//! `explain`: what the filter decides on a call, and what the browser then does.

mod choice;

use std::path::Path;

use proxy_wasm_cors::origin::own::is_own_origin;
use proxy_wasm_cors::policy::decision::{Action, Decision, Verdict};
use proxy_wasm_cors::policy::response_edits::{ResponseEdits, Timing};
use proxy_wasm_cors::policy::set::PolicySet;
use proxy_wasm_cors::policy::{Mode, Policy};
use proxy_wasm_cors::request::method::is_forbidden;

use crate::ExplainArgs;
use crate::commands::check;
use crate::page::browser::{Call, Headers, cors_check, preflight_check};

use crate::files::document;
use crate::files::find::configurations;
use crate::page::head::{Head, SCHEME};
use crate::style::{BAD, GOOD, LABEL, say, styled};

/// Explains a call; `false` if the configuration is refused or cannot be read.
pub(crate) fn run(args: &ExplainArgs) -> bool {
    match load(&args.file) {
        Ok(loaded) => {
            // The problems are told as by `check`, and the call is explained all the same.
            let is_accepted = !loaded.is_stand_in;
            if !is_accepted {
                anstream::eprintln!("{}", check::text_of(&args.file));
            }
            explain(args, &loaded);
            is_accepted
        }
        Err(message) => {
            anstream::eprintln!("{message}");
            false
        }
    }
}

/// The policies in force.
pub(crate) struct InForce {
    pub(crate) policies: PolicySet,
    /// Whether they stand in for a configuration that is refused.
    pub(crate) is_stand_in: bool,
}

fn load(file: &Path) -> Result<InForce, String> {
    let documents = document::read(file).unwrap_or_default();
    match configurations(&documents).as_slice() {
        [] => Err(check::text_of(file)),
        [one] => {
            let loaded = one.load();
            let is_stand_in = loaded.problems() > 0;
            let in_force = loaded.policies.map(|policies| InForce { policies, is_stand_in });
            in_force.ok_or_else(|| check::text_of(file))
        }
        several => Err(format!(
            "{}: {}: holds {} configurations of the filter; give a file with the one to explain",
            file.display(),
            styled(BAD, "problem"),
            several.len()
        )),
    }
}

fn explain(args: &ExplainArgs, in_force: &InForce) {
    let Some(origin) = &args.origin else { return server_call(args, in_force) };
    let call = Call::new(origin, &args.method, &args.headers, args.credentials);
    if is_forbidden(args.method.as_bytes()) {
        let why = format!("does not make the call: no script may use the method `{}`", args.method);
        line("browser", &styled(BAD, &why));
    } else if is_own_origin(origin.as_bytes(), SCHEME.as_bytes(), args.host.as_bytes()) {
        same_origin_call(args, in_force, &call);
    } else {
        cross_origin_call(args, in_force, &call);
    }
}

fn cross_origin_call(args: &ExplainArgs, in_force: &InForce, call: &Call<'_>) {
    if let Some(why) = call.needs_preflight() {
        line("call", &format!("a CORS request after a CORS-preflight request, for {why}"));
        let answer = exchange(args, in_force, Head::preflight(args, call));
        let verdict = answer.judge(|status, headers| preflight_check(call, status, headers));
        if !print_outcome(verdict, "makes the call", "does not make the call") {
            return;
        }
    } else {
        line("call", "a CORS request without a preflight");
    }
    let answer = exchange(args, in_force, Head::request(args, call));
    let verdict = answer.judge(|_, headers| cors_check(call, headers));
    print_outcome(verdict, "gives the page the answer", "keeps the answer from the page");
}

/// <https://fetch.spec.whatwg.org/#append-a-request-origin-header>
fn same_origin_call(args: &ExplainArgs, in_force: &InForce, call: &Call<'_>) {
    line("call", "a same-origin request: the page is of the API's own origin");
    let has_origin = !matches!(call.sent_method(), "GET" | "HEAD");
    let head = match has_origin {
        true => Head::request(args, call),
        false => Head::without_origin(args, call, call.sent_method()),
    };
    exchange(args, in_force, head);
    line("browser", &styled(GOOD, "gives the page the answer: CORS is about other origins"));
}

fn server_call(args: &ExplainArgs, in_force: &InForce) {
    line("call", "a non-CORS request: it has no `Origin`, as that of a server, a cron job or curl");
    exchange(args, in_force, Head::new(args, &args.method));
    line("caller", &styled(GOOD, "gets the answer: CORS is a rule of browsers"));
}

/// What the browser gets.
enum Answer {
    /// The status, 200 for the upstream's, and the CORS headers.
    Known(u16, Vec<(&'static str, String)>),
    /// The upstream's own answer, of which nothing is known here.
    Upstreams,
}

impl Answer {
    fn judge(
        &self,
        check: impl FnOnce(u16, &Headers<'_>) -> Result<(), String>,
    ) -> Option<Result<(), String>> {
        match self {
            Self::Known(status, headers) => Some(check(*status, headers)),
            Self::Upstreams => None,
        }
    }
}

/// Prints what the browser does; whether it goes on.
fn print_outcome(verdict: Option<Result<(), String>>, good: &str, bad: &str) -> bool {
    let is_good = matches!(verdict, Some(Ok(())));
    let text = match verdict {
        Some(Ok(())) => styled(GOOD, good),
        Some(Err(why)) => styled(BAD, &format!("{bad}: {why}")),
        None => format!("{good}, or {bad}, as the upstream's own headers say"),
    };
    line("browser", &text);
    is_good
}

/// Prints a request and what the filter does with it.
fn exchange(args: &ExplainArgs, in_force: &InForce, head: Head) -> Answer {
    line("request", &format!("{} {}", head.get(":method").unwrap_or_default(), args.path));
    let names =
        ["origin", "sec-fetch-site", "access-control-request-method", "access-control-request-headers"];
    for name in names {
        if let Some(value) = head.get(name) {
            item(name, value);
        }
    }
    let outcome = in_force.policies.decide(&head);
    choice::print(args, in_force, &head, &outcome);
    let decision = outcome.decision;
    let policy = outcome.place.and_then(|place| in_force.policies.policy(place));
    let mode = policy.map_or(Mode::Passthrough, Policy::mode);
    if mode != Mode::Passthrough {
        line("verdict", &verdict(&decision, mode));
    }
    if policy.is_some() || decision.response.is_some() {
        line("answer", &answer(&decision));
    }
    let Some(edits) = &decision.response else { return Answer::Upstreams };
    let headers = headers_of(edits);
    headers.iter().for_each(|(name, value)| item(name, value));
    if edits.is_vary_alone {
        return Answer::Upstreams;
    }
    match decision.action {
        Action::Forward => Answer::Known(200, headers),
        Action::Reply { status, .. } => Answer::Known(status, headers),
    }
}

fn verdict(decision: &Decision, mode: Mode) -> String {
    let verdict = match &decision.verdict {
        Verdict::NotCrossOrigin => "nothing to judge".to_owned(),
        Verdict::Allowed(_) => styled(GOOD, "allowed"),
        Verdict::Denied(denial) => styled(BAD, &format!("denied: {}", denial.reason)),
    };
    let effect = if mode == Mode::Shadow { ", in shadow mode: traffic is left untouched" } else { "" };
    format!("{verdict}{effect}")
}

/// Where the answer comes from, and what becomes of its headers.
fn answer(decision: &Decision) -> String {
    match (decision.action, &decision.response) {
        (Action::Reply { status, body }, _) => {
            let body = body.map(|body| format!(" with the body `{body}`")).unwrap_or_default();
            format!("{status} from the filter{body}, and these headers")
        }
        (Action::Forward, Some(edits)) if edits.is_vary_alone => {
            "from the upstream, with this header added, as other origins choose another policy".to_owned()
        }
        (Action::Forward, Some(edits)) => {
            let timing = if edits.timing == Timing::Untouched { "" } else { " and `Timing-Allow-Origin`" };
            format!("from the upstream, `Access-Control-*`{timing} replaced by these headers")
        }
        (Action::Forward, None) => "from the upstream, as it is".to_owned(),
    }
}

fn headers_of(edits: &ResponseEdits) -> Vec<(&'static str, String)> {
    let cors = edits.headers().filter_map(|(name, value)| Some((name, value?.to_owned())));
    let vary = edits.vary.names().collect::<Vec<_>>().join(", ");
    let status = edits.proxy_status.iter().map(|status| ("proxy-status", status.as_str().to_owned()));
    cors.chain(status).chain((!vary.is_empty()).then_some(("vary", vary))).collect()
}

pub(crate) fn line(label: &str, text: &str) {
    say(&format!("{} {text}", styled(LABEL, &format!("{label:<8}"))));
}

pub(crate) fn item(name: &str, value: &str) {
    // Quotes stand in headers as they are.
    let value: Vec<String> = value.split('"').map(|part| part.escape_debug().to_string()).collect();
    say(&format!("           {name}: {}", value.join("\"")));
}
