//! Regexes as people write them, and as they should not: put together from parts, the same ones on each run.

use fastrand::Rng;

const SEED: u64 = 0x000C_0125;

const SCHEMES: [&str; 10] = [
    "https://",
    "https://",
    "https://",
    "https://",
    "https://",
    "https:\\/\\/",
    "https?://",
    "https?://",
    "http://",
    "",
];
const FRONTS: [&str; 28] = [
    "",
    "",
    "(www\\.)?",
    "(www.)?",
    ".*",
    ".+",
    "(.*\\.)?",
    "[a-z0-9-]+",
    "[a-z0-9-]*",
    "([a-z0-9-]+\\.)*",
    "([a-z0-9-]+\\.)+",
    "(?:[^/]+\\.)?",
    "[^.]+",
    "[^/]*",
    "\\w+",
    "[\\w.-]+",
    "pr-[0-9]+",
    "pr-\\d+",
    "[a-z]{3}",
    "[a-z]{2,8}",
    ".?",
    "\\S+",
    "[[:alnum:]-]+",
    "[[:alpha:]]*",
    "(app|api|admin)",
    "(dev-|stage-)?",
    "v[12]",
    "*",
];
const GLUES: [&str; 14] =
    ["", "", "\\.", "\\.", "\\.", "\\.", "[.]", ".", "-", "[.-]", "\\.?", "\\b", "\\x2e", "(\\.|-)"];
const NAMES: [&str; 17] = [
    "example",
    "example",
    "example",
    "ex.mple",
    "example-[a-z0-9]+",
    "example(-[a-z]+)?",
    "example[0-9]*",
    "(example|test)",
    "(example|example-(dev|prod))",
    "[a-z]+",
    "[^.]+",
    "my.?app",
    "my-app",
    "shop-[a-z0-9]+-team",
    "\\x65xample",
    "ex[a]mple",
    "example.*",
];
const SUFFIXES: [&str; 27] = [
    "\\.com",
    "\\.com",
    "\\.com",
    "\\.com",
    "\\.(com|org|co\\.uk)",
    "\\.(com|net|org|io|dev|app)",
    "\\.(com|[a-z]{2})",
    "\\.co\\.uk",
    "\\.co.uk",
    "\\.[a-z]{2,}",
    "\\.[a-z]+",
    "\\.\\w+",
    "\\..*",
    "\\.com\\w*",
    "\\.com(\\.[a-z]{2})?",
    "\\.vercel\\.app",
    "\\.github\\.io",
    "\\.s3\\.amazonaws\\.com",
    "\\.amazonaws\\.com",
    "[.]com",
    ".com",
    "\\.?com",
    "\\.co[m]?",
    "\\.com?",
    "\\.internal",
    "\\.(?:de|fr|co\\.[a-z]{2})",
    "\\.kobe\\.jp",
];
const PORTS: [&str; 11] =
    ["", "", "", "", "(:\\d+)?", ":.*", "(:.*)?", "(:(3000|8080))?", ":[0-9]{1,5}", ":?\\d*", ":8443"];
const ENDS: [&str; 8] = ["", "", "", "", "", "/?", "(/.*)?", ".*"];
const FLAGS: [&str; 10] = ["", "", "", "", "", "", "", "(?i)", "(?si)", "(?x)"];

/// So many of them, each another.
pub(crate) fn regexes(count: usize) -> Vec<String> {
    let mut rng = Rng::with_seed(SEED);
    let mut regexes = Vec::new();
    while regexes.len() < count {
        let regex = regex(&mut rng);
        if !regexes.contains(&regex) {
            regexes.push(regex);
        }
    }
    regexes
}

fn regex(rng: &mut Rng) -> String {
    let flags = pick(rng, &FLAGS);
    let blank = if flags == "(?x)" { " " } else { "" };
    let mut whole = anchored(rng, blank);
    if rng.u8(..8) == 0 {
        let other = anchored(rng, blank);
        whole = if rng.bool() { format!("{whole}|{other}") } else { format!("({whole}|{other})") };
    }
    if flags.contains('i') && rng.bool() {
        whole = whole.replace("example", "EXAMPLE").replace("com", "CoM");
    }
    format!("{flags}{whole}")
}

fn anchored(rng: &mut Rng, blank: &str) -> String {
    let (before, after) = pick(rng, &[("", ""), ("", ""), ("^", "$"), ("", "$"), ("^", "")]);
    format!("{before}{}{after}", alone(rng, blank))
}

fn alone(rng: &mut Rng, blank: &str) -> String {
    let scheme = pick(rng, &SCHEMES);
    let front = pick(rng, &FRONTS);
    // In front of nothing, what glues is a slip that few make.
    let glue = if front.is_empty() && rng.u8(..4) != 0 { "" } else { pick(rng, &GLUES) };
    let parts =
        [scheme, front, glue, pick(rng, &NAMES), pick(rng, &SUFFIXES), pick(rng, &PORTS), pick(rng, &ENDS)];
    parts.join(blank)
}

fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}
