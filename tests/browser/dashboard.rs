//! The dashboard of the demo, used as a person would.

use std::fs;
use std::path::Path;

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};

use crate::demo::Demo;
use crate::engines::chromium::{self, Frames};
use crate::engines::driver::Browser;
use crate::phone;
use crate::support::failures::Failures;
use crate::support::http::{self, Request};
use crate::told;

/// Enough room for the jobs, the buttons and some calls side by side.
pub(crate) const SCREEN: (u32, u32) = (1280, 1180);

/// A button, the call that it makes, whether the page may read the answer, and words of what is shown.
type Try = (&'static str, &'static str, &'static str, &'static [&'static str]);

const ON_THE_ALLOWED_PAGE: [Try; 8] = [
    ("[data-try=patch]", "PATCH /jobs", "refused", &["it was PATCH", "decided: allow_methods: [DELETE]"]),
    (
        "[data-try=unlisted]",
        "GET /jobs with X-Debug",
        "refused",
        &["it was x-debug", "decided: allow_headers: ["],
    ),
    (
        "[data-try=listed]",
        "GET /jobs with X-Request-Id",
        "allowed",
        &["Status 200", "OPTIONS /jobs 204 allowed"],
    ),
    (
        "[data-try=me]",
        "GET /me with cookies",
        "allowed",
        &[
            "Status 401",
            "sign in first",
            "← Access-Control-Allow-Credentials true",
            "← Access-Control-Expose-Headers x-job-id",
            "decided: - http://localhost:",
        ],
    ),
    ("[data-try=post]", "POST /session with cookies", "allowed", &["Status 204"]),
    ("[data-try=me]", "GET /me with cookies", "allowed", &["Status 200", "\"user\": \"demo\""]),
    (
        "[data-try=statusWithCookies]",
        "GET /status with cookies",
        "refused",
        &[
            "The answer allows every origin (*)",
            "← Access-Control-Allow-Origin *",
            "← Access-Control-Allow-Credentials (none)",
            "decided: allow_origins: [\"*\"]",
        ],
    ),
    (
        "[data-try=sandboxed]",
        "GET /jobs from a sandboxed frame",
        "refused",
        &["origin-null", "→ Origin null"],
    ),
];

const ON_THE_REFUSED_PAGE: [Try; 4] = [
    ("#list", "GET /jobs", "refused", &["origin-not-allowed", "GET /jobs 200 denied:origin-not-allowed"]),
    ("[data-try=listed]", "GET /jobs with X-Request-Id", "refused", &["OPTIONS /jobs 403"]),
    ("[data-try=patch]", "PATCH /jobs", "refused", &["origin-not-allowed", "OPTIONS /jobs 403"]),
    ("[data-try=status]", "GET /status", "allowed", &["Status 200", "← Access-Control-Allow-Origin *"]),
];

/// Uses both pages, and leaves a picture of the first in `directory`.
pub(crate) fn check(directory: &Path) {
    let demo = Demo::start(&[]);
    assert_eq!(demo.allows, [true, false]);
    let chromium = chromium::start(None, Frames::Isolated);
    let [allowed, refused] = &demo.pages;
    let mut failures = Failures::new("the dashboard in Chromium");
    failures.row("the log is for local names", keeps_the_log_to_local_names(allowed));
    chromium.run(async |client| open(client, allowed).await);
    failures.row("jobs are listed", chromium.run(lists_jobs));
    failures.row("a job starts and stops", chromium.run(starts_and_stops));
    try_all(&chromium, &mut failures, "the allowed page", &ON_THE_ALLOWED_PAGE);
    failures.row("the log is understood", chromium.run(told::understands_the_log));
    failures.row("a screen reader learns what will be refused", chromium.run(names_refusals));
    let picture = chromium.run(picture);
    fs::write(directory.join("dashboard.png"), picture).expect("the directory can be written");
    failures.row("it fits a phone", chromium.run(phone::fits));
    failures.row("a press is seen on a phone", chromium.run(phone::shows_a_press));
    fs::write(directory.join("dashboard-phone.png"), chromium.run(phone::picture))
        .expect("it can be written");
    failures.row("it works by keyboard", chromium.run(works_by_keyboard));
    chromium.run(async |client| open(client, refused).await);
    try_all(&chromium, &mut failures, "the refused page", &ON_THE_REFUSED_PAGE);
    failures.finish();
}

/// A page on the web may have a name that leads to this machine.
fn keeps_the_log_to_local_names(page: &str) -> Vec<String> {
    let port = page.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("a port");
    let status = |host: &str| {
        let request = Request::new("GET", "/access-log?call=1").authority(format!("{host}:{port}"));
        http::send(port, &request).status
    };
    let statuses = ["localhost", "127.0.0.1", "evil.test", "localhost.evil.test"].map(status);
    unless(statuses == [200, 200, 404, 404], || format!("the statuses are {statuses:?}"))
}

fn try_all(chromium: &Browser, failures: &mut Failures, page: &str, tries: &[Try]) {
    for (button, call, verdict, words) in tries {
        let differences =
            chromium.run(async |client| differences_of_try(client, button, call, verdict, words).await);
        failures.row(format!("{page}: {call}"), differences);
    }
}

async fn open(client: &Client, page: &str) -> Result<(), CmdError> {
    client.set_window_size(SCREEN.0, SCREEN.1).await?;
    client.goto(page).await?;
    // The page reads the list by itself.
    client.wait().for_element(Locator::Css("#calls > li .verdict")).await.map(drop)
}

async fn lists_jobs(client: &Client) -> Result<Vec<String>, CmdError> {
    let mut names = Vec::new();
    for name in client.find_all(Locator::Css("#jobs .name")).await? {
        names.push(name.text().await?);
    }
    Ok(unless(names == ["backup", "report", "cleanup"], || format!("the jobs are {names:?}")))
}

async fn starts_and_stops(client: &Client) -> Result<Vec<String>, CmdError> {
    const BUTTON: &str = "#jobs [data-name=backup] .act";
    let mut differences = Vec::new();
    let call = "POST /jobs/backup/start with Authorization, Content-Type";
    differences.extend(
        differences_of_try(
            client,
            BUTTON,
            call,
            "allowed",
            &["Status 202", "X-Job-Id backup-", "POST need not be in Access-Control-Allow-Methods"],
        )
        .await?,
    );
    client.wait().for_element(Locator::Css("#jobs [data-name=backup] .act[data-action=stop]")).await?;
    let shown = words_of(&newest_call_after_click(client, BUTTON).await?).await?;
    let is_stopped = shown.contains("DELETE /runs/backup-") && shown.contains("Status 204");
    differences.extend(unless(is_stopped, || format!("stopped: {shown}")));
    Ok(differences)
}

async fn differences_of_try(
    client: &Client,
    button: &str,
    call: &str,
    verdict: &str,
    words: &[&str],
) -> Result<Vec<String>, CmdError> {
    let item = newest_call_after_click(client, button).await?;
    let shown = words_of(&item).await?;
    let headline = [verdict, " ", call].concat();
    let has_headline = shown.starts_with(&headline);
    let missing = words.iter().filter(|word| !shown.contains(**word));
    let mut differences: Vec<_> = missing.map(|word| format!("no `{word}` in it")).collect();
    differences.extend(unless(has_headline, || format!("it does not begin with `{headline}`")));
    let news = client.execute("return document.querySelector('[role=status]').textContent", vec![]).await?;
    let announced = [verdict, ": ", call].concat();
    differences.extend(unless(news == announced, || format!("`{news}` is announced, not `{announced}`")));
    differences.extend((!differences.is_empty()).then(|| format!("it shows: {shown}")));
    Ok(differences)
}

/// The outline of these buttons says so to the eye only.
async fn names_refusals(client: &Client) -> Result<Vec<String>, CmdError> {
    const NAMES: &str = "return [...document.querySelectorAll('.tries .no')].map((it) => it.textContent)";
    let names = client.execute(NAMES, vec![]).await?;
    let names: Vec<_> = names.as_array().into_iter().flatten().filter_map(|name| name.as_str()).collect();
    let are_named = !names.is_empty() && names.iter().all(|name| name.ends_with(", refused"));
    Ok(unless(are_named, || format!("the buttons are {names:?}")))
}

/// Clicks, and waits until the call that this makes is the first in the list.
pub(crate) async fn newest_call_after_click(client: &Client, button: &str) -> Result<Element, CmdError> {
    client.execute("document.querySelector('#calls > li')?.setAttribute('data-seen', '')", vec![]).await?;
    client.find(Locator::Css(button)).await?.click().await?;
    client.wait().for_element(Locator::Css("#calls > li:first-child:not([data-seen])")).await
}

/// What an element shows, on one line.
async fn words_of(element: &Element) -> Result<String, CmdError> {
    Ok(element.text().await?.split_whitespace().collect::<Vec<_>>().join(" "))
}

async fn picture(client: &Client) -> Result<Vec<u8>, CmdError> {
    client.execute("scrollTo(0, 0)", vec![]).await?;
    client.screenshot().await
}

/// Tab leads to every button, in the order of the page, and Enter presses it.
async fn works_by_keyboard(client: &Client) -> Result<Vec<String>, CmdError> {
    const TAB: &str = "\u{e004}";
    const ENTER: &str = "\u{e007}";
    client.execute("document.querySelector('#list').focus()", vec![]).await?;
    let mut wanted = Vec::new();
    for button in client.find_all(Locator::Css("#jobs .act, .tries :is(button, a)")).await? {
        wanted.push(button.text().await?);
    }
    let mut reached = Vec::new();
    for _ in &wanted {
        client.active_element().await?.send_keys(TAB).await?;
        reached.push(client.active_element().await?.text().await?);
    }
    let mut differences = unless(reached == wanted, || format!("Tab leads to {reached:?}, not {wanted:?}"));
    client.execute("document.querySelector('[data-try=patch]').focus()", vec![]).await?;
    client.execute("document.querySelector('#calls > li')?.setAttribute('data-seen', '')", vec![]).await?;
    client.active_element().await?.send_keys(ENTER).await?;
    let item = client.wait().for_element(Locator::Css("#calls > li:first-child:not([data-seen])")).await?;
    let shown = words_of(&item).await?;
    differences.extend(unless(shown.contains("PATCH /jobs"), || format!("Enter shows {shown}")));
    Ok(differences)
}

pub(crate) fn unless(holds: bool, difference: impl FnOnce() -> String) -> Vec<String> {
    if holds { Vec::new() } else { vec![difference()] }
}
