//! `explain`: what the filter decides on a call, and what the browser then does.

use std::collections::BTreeMap;

use proxy_wasm_cors::config::Severity;
use proxy_wasm_cors::decision::{Action, Decision, ResponseEdits, Verdict};
use proxy_wasm_cors::own_origin::is_own_origin;
use proxy_wasm_cors::policy_set::PolicySet;
use proxy_wasm_cors::request::RequestHead;

use crate::ExplainArgs;
use crate::browser::{Call, Headers, cors_check, preflight_check};
use crate::document;
use crate::find::configurations;
use crate::style::{BAD, GOOD, LABEL, styled};

/// The scheme by which the API is called.
const SCHEME: &str = "https";

/// Explains a call; `false` if the configuration is refused or cannot be read.
pub(crate) fn run(args: &ExplainArgs) -> bool {
    match load(args) {
        Ok(policies) => {
            explain(args, &policies);
            true
        }
        Err(message) => {
            anstream::eprintln!("{}: {}: {message}", args.file.display(), styled(BAD, "problem"));
            false
        }
    }
}

fn load(args: &ExplainArgs) -> Result<PolicySet, String> {
    let documents = document::read(&args.file).map_err(|unreadable| unreadable.message)?;
    let found = configurations(&documents);
    let [one] = found.as_slice() else {
        return Err(format!("holds {} configurations of the filter, and one is needed", found.len()));
    };
    let loaded = one.load();
    let first =
        loaded.findings.iter().find(|finding| finding.severity == Severity::Problem).map(ToString::to_string);
    loaded.policies.ok_or_else(|| format!("{}; `check` shows all", first.unwrap_or_default()))
}

fn explain(args: &ExplainArgs, policies: &PolicySet) {
    let Some(origin) = &args.origin else { return server_call(args, policies) };
    if is_own_origin(origin.as_bytes(), SCHEME.as_bytes(), args.host.as_bytes()) {
        line(
            "call",
            "a same-origin request: the page comes from the API's own origin, so CORS has no part in it",
        );
    }
    let mut headers: Vec<String> = args.headers.iter().map(|name| name.to_ascii_lowercase()).collect();
    headers.sort();
    headers.dedup();
    let call = Call { origin, method: &args.method, headers, credentials: args.credentials };
    if let Some(why) = call.needs_preflight() {
        line("call", &format!("a CORS request after a CORS-preflight request, for {why}"));
        let answer = exchange(args, policies, Head::preflight(args, &call));
        let verdict = answer.judge(|status, headers| preflight_check(&call, status, headers));
        if !print_outcome(verdict, "makes the call", "does not make the call") {
            return;
        }
    } else {
        line("call", "a CORS request without a preflight");
    }
    let answer = exchange(args, policies, Head::request(args, &call));
    let verdict = answer.judge(|_, headers| cors_check(&call, headers));
    print_outcome(verdict, "gives the page the answer", "keeps the answer from the page");
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
    line("request", &format!("{} {}", head.value(":method"), args.path));
    for name in ["origin", "access-control-request-method", "access-control-request-headers"] {
        if let Some(value) = head.headers.get(name) {
            item(name, value);
        }
    }
    let Some((place, decision)) = policies.decide(&head) else {
        line("policy", "none applies: request and answer pass untouched");
        return Answer::Upstreams;
    };
    line("policy", &why_this(policies, place));
    print_verdict(&decision, policies.policies().nth(place).is_some_and(|policy| policy.is_shadow()));
    let Some(edits) = &decision.response else { return Answer::Upstreams };
    let headers = headers_of(edits);
    headers.iter().for_each(|(name, value)| item(name, value));
    match decision.action {
        Action::Forward => Answer::Known(200, headers),
        Action::Reply { status, .. } => Answer::Known(status, headers),
    }
}

fn why_this(policies: &PolicySet, place: usize) -> String {
    let names: Vec<String> = policies.policies().map(|policy| format!("`{}`", policy.name())).collect();
    let (before, from) = names.split_at(place.min(names.len()));
    let name = from.first().map_or("", String::as_str);
    match (names.len(), before) {
        (1, _) => format!("{name}, the only one"),
        (_, []) => format!("{name} matches first"),
        (_, before) => format!("{name} matches, not so {} before it", before.join(" and ")),
    }
}

fn print_verdict(decision: &Decision, is_shadow: bool) {
    let verdict = match &decision.verdict {
        Verdict::NotCrossOrigin => "nothing to judge".to_owned(),
        Verdict::Allowed(_) => styled(GOOD, "allowed"),
        Verdict::Denied(denial) => styled(BAD, &format!("denied: {}", denial.reason)),
    };
    let shadow = if is_shadow { ", in shadow mode: traffic is left untouched" } else { "" };
    line("verdict", &format!("{verdict}{shadow}"));
    let answer = match (decision.action, &decision.response) {
        (Action::Reply { status, body }, _) => {
            let body = body.map(|body| format!(" with the body `{body}`")).unwrap_or_default();
            format!("{status} from the filter{body}, and these headers")
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
    cors.chain((!vary.is_empty()).then_some(("vary", vary))).collect()
}

fn line(label: &str, text: &str) {
    anstream::println!("{} {text}", styled(LABEL, &format!("{label:<8}")));
}

fn item(name: &str, value: &str) {
    anstream::println!("           {name}: {}", value.escape_debug());
}

/// The head of a request that a browser or a server would send.
struct Head {
    headers: BTreeMap<&'static str, String>,
    route: Option<String>,
}

impl Head {
    fn new(args: &ExplainArgs, method: &str) -> Self {
        let headers = BTreeMap::from([
            (":method", method.to_owned()),
            (":authority", args.host.clone()),
            (":path", args.path.clone()),
            (":scheme", SCHEME.to_owned()),
        ]);
        Self { headers, route: args.route.clone() }
    }

    fn request(args: &ExplainArgs, call: &Call<'_>) -> Self {
        Self::new(args, call.sent_method()).with("origin", call.origin)
    }

    fn preflight(args: &ExplainArgs, call: &Call<'_>) -> Self {
        let head = Self::new(args, "OPTIONS").with("origin", call.origin);
        let head = head.with("access-control-request-method", call.sent_method());
        if call.headers.is_empty() {
            return head;
        }
        head.with("access-control-request-headers", &call.headers.join(","))
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.to_owned());
        self
    }

    fn value(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

impl RequestHead for Head {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        self.headers.get(name).map(|value| value.as_bytes().to_vec())
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        self.route.as_ref().map(|route| route.as_bytes().to_vec())
    }
}
