//! `explain`: what the filter decides on a call, and what the browser then does.

mod choice;

use std::path::Path;

use proxy_wasm_cors::policy::decision::{Action, Decision, Verdict};
use proxy_wasm_cors::policy::response_edits::Timing;
use proxy_wasm_cors::policy::set::PolicySet;
use proxy_wasm_cors::policy::{Mode, Policy};

use crate::ExplainArgs;
use crate::commands::check;
use crate::files::document;
use crate::files::find::configurations;
use crate::page::call::Call;
use crate::page::course::{Course, End, Exchange, Kind};
use crate::page::head::Target;
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
    let target = args.call.target();
    let course = match args.call.call() {
        Some(call) => Course::of(&in_force.policies, &target, &call),
        None => Course::of_server(&in_force.policies, &target, &args.call.method),
    };
    print(&course, in_force, &target);
    for name in args.call.call().iter().flat_map(Call::headers_that_depend) {
        line("note", &depends(name));
    }
}

fn print(course: &Course, in_force: &InForce, target: &Target) {
    if let Kind::NotMade(why) = &course.kind {
        return line("browser", &styled(BAD, &format!("does not make the call: {why}")));
    }
    line("call", &kind(&course.kind));
    if let Some(preflight) = &course.preflight {
        print_exchange(preflight, in_force, target);
        let end = if course.request.is_some() { &End::Reads } else { &course.end };
        print_end(end, "makes the call", "does not make the call");
    }
    let Some(request) = &course.request else { return };
    print_exchange(request, in_force, target);
    match &course.kind {
        Kind::Server => line("caller", &styled(GOOD, "gets the answer: CORS is a rule of browsers")),
        Kind::SameOrigin => {
            line("browser", &styled(GOOD, "gives the page the answer: CORS is about other origins"));
        }
        Kind::WebSocket => print_end(&course.end, "gives the page the connection", "does not connect"),
        _ => print_end(&course.end, "gives the page the answer", "keeps the answer from the page"),
    }
}

/// What is to be said of a header that is safelisted by its value, which was not given.
fn depends(name: &str) -> String {
    let usually = match name {
        "content-type" => "JSON's needs one, those of forms need none",
        "range" => "one range with a start needs none",
        _ => "most need none, quotes and brackets do",
    };
    format!(
        "whether `{name}` needs a preflight depends on its value: {usually}; give it as `--header '{name}: VALUE'`"
    )
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::NotMade(why) => why.clone(),
        Kind::SameOrigin => "a same-origin request: the page is of the API's own origin".to_owned(),
        Kind::WebSocket => "the handshake of a WebSocket, to which CORS does not apply".to_owned(),
        Kind::Cors => "a CORS request without a preflight".to_owned(),
        Kind::CorsAfterPreflight(why) => format!("a CORS request after a CORS-preflight request, for {why}"),
        Kind::Server => {
            "a non-CORS request: it has no `Origin`, as that of a server, a cron job or curl".to_owned()
        }
    }
}

/// Prints what the browser does.
fn print_end(end: &End, good: &str, bad: &str) {
    let text = match end {
        End::Reads => styled(GOOD, good),
        End::Blocked(why) => styled(BAD, &format!("{bad}: {why}")),
        End::Upstream => format!("{good}, or {bad}, as the upstream's own headers say"),
    };
    line("browser", &text);
}

/// Prints a request and what the filter does with it.
fn print_exchange(exchange: &Exchange, in_force: &InForce, target: &Target) {
    let head = &exchange.head;
    line("request", &format!("{} {}", head.get(":method").unwrap_or_default(), target.path));
    let names = [
        "origin",
        "sec-fetch-site",
        "upgrade",
        "access-control-request-method",
        "access-control-request-headers",
    ];
    for name in names {
        if let Some(value) = head.get(name) {
            item(name, value);
        }
    }
    choice::print(target, in_force, head, &exchange.outcome);
    let decision = &exchange.outcome.decision;
    let policy = exchange.outcome.place.and_then(|place| in_force.policies.policy(place));
    let mode = policy.map_or(Mode::Passthrough, Policy::mode);
    if mode != Mode::Passthrough {
        line("verdict", &verdict(decision, mode));
    }
    if policy.is_some() || decision.response.is_some() {
        line("answer", &answer(decision));
    }
    exchange.headers().iter().for_each(|(name, value)| item(name, value));
}

fn verdict(decision: &Decision, mode: Mode) -> String {
    let verdict = match &decision.verdict {
        Verdict::NotCrossOrigin => "nothing to judge".to_owned(),
        Verdict::Allowed(_) => styled(GOOD, "allowed"),
        Verdict::Denied(denial) if denial.is_open_websocket => {
            styled(BAD, &format!("not-blocked: {}", denial.reason))
        }
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

pub(crate) fn line(label: &str, text: &str) {
    say(&format!("{} {text}", styled(LABEL, &format!("{label:<8}"))));
}

pub(crate) fn item(name: &str, value: &str) {
    // Quotes stand in headers as they are.
    let value: Vec<String> = value.split('"').map(|part| part.escape_debug().to_string()).collect();
    say(&format!("           {name}: {}", value.join("\"")));
}
