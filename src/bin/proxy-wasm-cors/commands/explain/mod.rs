//! `explain`: what the filter decides about a call, and what the browser then does.

mod choice;
mod json;

use std::path::Path;
use std::process::ExitCode;

use proxy_wasm_cors::policy::decision::{Action, Decision, Verdict};
use proxy_wasm_cors::policy::response_edits::Timing;
use proxy_wasm_cors::policy::{Mode, Policy};

use crate::commands::check;
use crate::entries::Standing;
use crate::files::in_force::{InForce, Unusable};
use crate::page::call::Call;
use crate::page::course::{Course, End, Exchange, Kind};
use crate::page::head::Target;
use crate::page::summary::{Page, Summary};
use crate::style::{BAD, GOOD, LABEL, say, styled};
use crate::{ExplainArgs, Format};

/// The exit code if there is nothing to explain and `--exit-code` is given.
const UNUSABLE: u8 = 2;

/// Explains a call. Ends with 1 if the configuration is refused or cannot be read, or, with `--exit-code`, if the page does
/// not surely get the answer.
pub(crate) fn run(args: &ExplainArgs) -> ExitCode {
    let failure = if args.exit_code { ExitCode::from(UNUSABLE) } else { ExitCode::FAILURE };
    match InForce::load(&args.file, args.filter.as_deref()) {
        Ok(in_force) => {
            // Reports the problems like `check`, and explains the call all the same.
            if in_force.is_stand_in {
                anstream::eprintln!("{}", check::text_of(&args.file));
            }
            let page = explain(args, &in_force);
            let is_good = if args.exit_code { page == Page::Reads } else { !in_force.is_stand_in };
            if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(unusable) => {
            anstream::eprintln!("{}", unusable_text(&args.file, unusable));
            failure
        }
    }
}

/// Why nothing can be said about a file.
pub(crate) fn unusable_text(file: &Path, unusable: Unusable) -> String {
    match unusable {
        Unusable::Refused => check::text_of(file),
        Unusable::Unclear(message) => format!("{}: {}: {message}", file.display(), styled(BAD, "problem")),
    }
}

/// Explains a call and says what the page gets.
fn explain(args: &ExplainArgs, in_force: &InForce) -> Page {
    let target = args.call.target();
    let call = args.call.call();
    let course = match &call {
        Some(call) => Course::of(&in_force.policies, &target, call),
        None => Course::of_server(&in_force.policies, &target, &args.call.method),
    };
    let summary = Summary::of(&course, &in_force.policies);
    let standing = call.as_ref().map_or(Standing::None, |call| standing(&course, in_force, call, &target));
    if args.format == Format::Json {
        say(&format!("{:#}", json::of(&course, &summary, &standing, call.as_ref())));
        return summary.page;
    }
    print(&course, in_force, &target, &standing);
    for name in call.iter().flat_map(Call::headers_that_depend) {
        line("note", &depends(name));
    }
    summary.page
}

/// How the entries of the applicable policy relate to the page.
pub(crate) fn standing(course: &Course, in_force: &InForce, call: &Call, target: &Target) -> Standing {
    course.last().map_or(Standing::None, |exchange| {
        let outcome = &exchange.outcome;
        Standing::of(&in_force.tree, outcome.place, &outcome.decision.verdict, call, target)
    })
}

fn print(course: &Course, in_force: &InForce, target: &Target, standing: &Standing) {
    if let Kind::NotMade(why) = &course.kind {
        return line("browser", &styled(BAD, &format!("does not make the call: {why}")));
    }
    line("call", &kind(&course.kind));
    if let Some(preflight) = &course.preflight {
        print_exchange(preflight, in_force, target, standing);
        let end = if course.request.is_some() { &End::Reads } else { &course.end };
        print_end(end, "makes the call", "does not make the call");
    }
    let Some(request) = &course.request else { return };
    // Once is enough.
    let standing = if course.preflight.is_some() { &Standing::None } else { standing };
    print_exchange(request, in_force, target, standing);
    match &course.kind {
        Kind::Server => line("caller", &styled(GOOD, "gets the answer: only browsers enforce CORS")),
        Kind::SameOrigin => {
            line("browser", &styled(GOOD, "gives the page the answer: CORS is about other origins"));
        }
        Kind::WebSocket => print_end(&course.end, "gives the page the connection", "does not connect"),
        _ => print_end(&course.end, "gives the page the answer", "keeps the answer from the page"),
    }
}

/// What to say about a header whose value decides whether it is safelisted, if no value was given.
fn depends(name: &str) -> String {
    let usually = match name {
        "content-type" => "JSON needs one, the types of forms do not",
        "range" => "a single range with a start does not need one",
        _ => "most values do not need one, but values with quotes or brackets do",
    };
    format!(
        "whether `{name}` needs a preflight depends on its value: {usually}; give it as `--header '{name}: VALUE'`"
    )
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::NotMade(why) => why.clone(),
        Kind::SameOrigin => "a same-origin request: the page has the same origin as the API".to_owned(),
        Kind::WebSocket => "the handshake of a WebSocket, to which CORS does not apply".to_owned(),
        Kind::Cors => "a CORS request without a preflight".to_owned(),
        Kind::CorsAfterPreflight(why) => {
            format!("a CORS request after a CORS-preflight request, because {why}")
        }
        Kind::Server => {
            "a non-CORS request: it has no `Origin`, like the requests of servers, cron jobs and curl"
                .to_owned()
        }
    }
}

/// Prints which entry allows the page, or which one was probably meant to.
fn print_standing(standing: &Standing) {
    match standing {
        Standing::Matched(entry) => line("entry", &format!("{} matches", entry.told())),
        Standing::Nearest(entry, differs) => {
            line("entry", &format!("none matches; the nearest is {}: {differs}", entry.told()));
        }
        Standing::None => {}
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
fn print_exchange(exchange: &Exchange, in_force: &InForce, target: &Target, standing: &Standing) {
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
        print_standing(standing);
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

/// Where the answer comes from, and what happens to its headers.
fn answer(decision: &Decision) -> String {
    match (decision.action, &decision.response) {
        (Action::Reply { status, body }, _) => {
            let body = body.map(|body| format!(" with the body `{body}`")).unwrap_or_default();
            format!("{status} from the filter{body}, and these headers")
        }
        (Action::Forward, Some(edits)) if edits.is_vary_alone => {
            "from the upstream, with this header added, because other origins choose another policy"
                .to_owned()
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
    // Quotes in headers are not escaped.
    let value: Vec<String> = value.split('"').map(|part| part.escape_debug().to_string()).collect();
    say(&format!("           {name}: {}", value.join("\"")));
}
