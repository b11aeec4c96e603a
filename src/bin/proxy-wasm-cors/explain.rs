//! `explain`: what the filter decides on a call, and what the browser then does.

use std::path::Path;

use proxy_wasm_cors::origin::own::is_own_origin;
use proxy_wasm_cors::policy::Mode;
use proxy_wasm_cors::policy::decision::{Action, Decision, Reason, Verdict};
use proxy_wasm_cors::policy::response_edits::ResponseEdits;
use proxy_wasm_cors::policy::set::PolicySet;
use proxy_wasm_cors::request::method::is_forbidden;

use crate::ExplainArgs;
use crate::browser::{Call, Headers, cors_check, preflight_check};
use crate::check;
use crate::document;
use crate::find::configurations;
use crate::head::{Head, SCHEME};
use crate::style::{BAD, GOOD, LABEL, say, styled};

/// Explains a call; `false` if the configuration is refused or cannot be read.
pub(crate) fn run(args: &ExplainArgs) -> bool {
    match load(&args.file) {
        Ok(policies) => {
            explain(args, &policies);
            true
        }
        Err(message) => {
            anstream::eprintln!("{message}");
            false
        }
    }
}

fn load(file: &Path) -> Result<PolicySet, String> {
    let documents = document::read(file).unwrap_or_default();
    match configurations(&documents).as_slice() {
        [] => Err(check::text_of(file)),
        [one] => one.load().policies.ok_or_else(|| check::text_of(file)),
        several => Err(format!(
            "{}: {}: holds {} configurations of the filter; give a file with the one to explain",
            file.display(),
            styled(BAD, "problem"),
            several.len()
        )),
    }
}

fn explain(args: &ExplainArgs, policies: &PolicySet) {
    let Some(origin) = &args.origin else { return server_call(args, policies) };
    let call = Call::new(origin, &args.method, &args.headers, args.credentials);
    if is_forbidden(args.method.as_bytes()) {
        let why = format!("does not make the call: no script may use the method `{}`", args.method);
        line("browser", &styled(BAD, &why));
    } else if is_own_origin(origin.as_bytes(), SCHEME.as_bytes(), args.host.as_bytes()) {
        same_origin_call(args, policies, &call);
    } else {
        cross_origin_call(args, policies, &call);
    }
}

fn cross_origin_call(args: &ExplainArgs, policies: &PolicySet, call: &Call<'_>) {
    if let Some(why) = call.needs_preflight() {
        line("call", &format!("a CORS request after a CORS-preflight request, for {why}"));
        let answer = exchange(args, policies, Head::preflight(args, call));
        let verdict = answer.judge(|status, headers| preflight_check(call, status, headers));
        if !print_outcome(verdict, "makes the call", "does not make the call") {
            return;
        }
    } else {
        line("call", "a CORS request without a preflight");
    }
    let answer = exchange(args, policies, Head::request(args, call));
    let verdict = answer.judge(|_, headers| cors_check(call, headers));
    print_outcome(verdict, "gives the page the answer", "keeps the answer from the page");
}

/// <https://fetch.spec.whatwg.org/#append-a-request-origin-header>
fn same_origin_call(args: &ExplainArgs, policies: &PolicySet, call: &Call<'_>) {
    line("call", "a same-origin request: the page is of the API's own origin");
    let has_origin = !matches!(call.sent_method(), "GET" | "HEAD");
    let head = if has_origin { Head::request(args, call) } else { Head::new(args, call.sent_method()) };
    exchange(args, policies, head);
    line("browser", &styled(GOOD, "gives the page the answer: CORS is about other origins"));
}

fn server_call(args: &ExplainArgs, policies: &PolicySet) {
    line("call", "a non-CORS request: it has no `Origin`, as that of a server, a cron job or curl");
    exchange(args, policies, Head::new(args, &args.method));
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
fn exchange(args: &ExplainArgs, policies: &PolicySet, head: Head) -> Answer {
    line("request", &format!("{} {}", head.get(":method").unwrap_or_default(), args.path));
    for name in ["origin", "access-control-request-method", "access-control-request-headers"] {
        if let Some(value) = head.get(name) {
            item(name, value);
        }
    }
    let outcome = policies.decide(&head);
    let decision = outcome.decision;
    match outcome.place.and_then(|place| Some((place, policies.policy(place)?))) {
        None => {
            line("policy", &format!("none matches {}: request and answer pass untouched", target(args)));
        }
        Some((place, policy)) => {
            line("policy", &why_this(args, policies, place, &decision));
            print_verdict(&decision, policy.mode());
        }
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

fn why_this(args: &ExplainArgs, policies: &PolicySet, place: usize, decision: &Decision) -> String {
    let names: Vec<String> = policies.policies().map(|policy| format!("`{}`", policy.name())).collect();
    let (before, from) = names.split_at(place.min(names.len()));
    let name = from.first().map_or("", String::as_str);
    if matches!(&decision.verdict, Verdict::Denied(denial) if denial.reason == Reason::PathNotNormalized) {
        return format!(
            "{name}, the strictest of those that apply, as the path can be read in several ways and they decide differently"
        );
    }
    match (names.len(), before) {
        (1, _) => format!("{name}, the only one"),
        (_, []) => format!("{name} matches {}", target(args)),
        (_, before) => format!("{name} matches {}, not so {} before it", target(args), before.join(" and ")),
    }
}

/// What policies are chosen by.
fn target(args: &ExplainArgs) -> String {
    let route = args.route.as_ref().map_or("no route".to_owned(), |route| format!("route `{route}`"));
    format!("host `{}`, path `{}` and {route}", args.host, args.path)
}

fn print_verdict(decision: &Decision, mode: Mode) {
    let verdict = match &decision.verdict {
        Verdict::NotCrossOrigin => "nothing to judge".to_owned(),
        Verdict::Allowed(_) => styled(GOOD, "allowed"),
        Verdict::Denied(denial) => styled(BAD, &format!("denied: {}", denial.reason)),
    };
    let effect = match mode {
        Mode::Enforce => "",
        Mode::Shadow => ", in shadow mode: traffic is left untouched",
        Mode::Passthrough => ", in passthrough mode: traffic is left untouched",
    };
    line("verdict", &format!("{verdict}{effect}"));
    let answer = match (decision.action, &decision.response) {
        (Action::Reply { status, body }, _) => {
            let body = body.map(|body| format!(" with the body `{body}`")).unwrap_or_default();
            format!("{status} from the filter{body}, and these headers")
        }
        (Action::Forward, Some(edits)) if edits.is_vary_alone => {
            "from the upstream, with this header added, as other origins choose another policy".to_owned()
        }
        (Action::Forward, Some(_)) => {
            "from the upstream, `Access-Control-*` replaced by these headers".to_owned()
        }
        (Action::Forward, None) => "from the upstream, as it is".to_owned(),
    };
    line("answer", &answer);
}

fn headers_of(edits: &ResponseEdits) -> Vec<(&'static str, String)> {
    let cors = edits.headers().filter_map(|(name, value)| Some((name, value?.to_owned())));
    let vary = edits.vary.names().collect::<Vec<_>>().join(", ");
    let status = edits.proxy_status.iter().map(|status| ("proxy-status", status.as_str().to_owned()));
    cors.chain(status).chain((!vary.is_empty()).then_some(("vary", vary))).collect()
}

fn line(label: &str, text: &str) {
    say(&format!("{} {text}", styled(LABEL, &format!("{label:<8}"))));
}

fn item(name: &str, value: &str) {
    say(&format!("           {name}: {}", value.escape_debug()));
}
