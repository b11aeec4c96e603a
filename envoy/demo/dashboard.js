// The dashboard: calls the API from another origin, and shows what the browser allowed and refused, and why.

import { linesOf, REASONS } from "./accesslog.js";
import { curl, isPreflighted, listJobs, make, showRun, startJob, stopRun, TRIES } from "./calls.js";

// The demo tells its pages where the API is. Served by anything else, the page takes the ports of envoy.yaml.
const DEFAULTS = { api: "http://localhost:10000", other: "http://localhost:8081", allowed: true };

const POLL_MILLISECONDS = 1000;
const MAX_CALLS_SHOWN = 20;

let config = DEFAULTS;

const byId = (id) => document.getElementById(id);

// Calls

const page = Math.random().toString(36).slice(2, 8);
let calls = 0;

/** Calls the API, shows what came of it, and returns the answer, or null if the browser kept it from the page. */
async function call(request) {
  calls += 1;
  const id = `${page}-${calls}`;
  // By the id the call is found in the access log. As part of the URL it also makes the browser ask anew each time.
  const outcome = await make(request, `${config.api}${request.path}?call=${id}`);
  if (!outcome.response) outcome.reachable = await isReachable();
  const lines = outcome.response || outcome.reachable ? await linesOf(id, !outcome.response && isPreflighted(request)) : null;
  showCall(request, outcome, lines);
  return outcome.response ?? null;
}

// A refused call and a server that is down look alike to a script. In the mode `no-cors` the browser does send the
// request and tells whether anything answered, though nothing of the answer.
async function isReachable() {
  try {
    await fetch(`${config.api}${listJobs.path}`, { method: "HEAD", mode: "no-cors", cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}

// What came of a call

function showCall(request, outcome, lines) {
  const item = byId("call-template").content.firstElementChild.cloneNode(true);
  const find = (name) => item.querySelector(`.${name}`);
  const isAllowed = outcome.response !== undefined;
  find("verdict").textContent = isAllowed ? "allowed" : outcome.reachable ? "refused" : "no answer";
  find("verdict").classList.add(isAllowed ? "allowed" : "refused");
  find("request").textContent = describe(request);
  find("meaning").textContent = meaning(request, outcome, lines);
  find("answer").replaceChildren(...(isAllowed ? describeAnswer(outcome.response) : []));
  find("log").hidden = !lines?.length;
  find("lines").replaceChildren(...(lines ?? []).map(describeLine));
  find("reason").hidden = isAllowed || !outcome.reachable;
  find("command").textContent = curl(request, config.api);
  find("copy").addEventListener("click", (event) => copy(find("command"), event.target));
  byId("calls").prepend(item);
  while (byId("calls").children.length > MAX_CALLS_SHOWN) byId("calls").lastElementChild.remove();
  byId("no-calls").hidden = true;
}

function describe({ method, path, headers, credentials, sandboxed }) {
  const particulars = Object.keys(headers ?? {});
  if (credentials === "include") particulars.push("cookies");
  const where = sandboxed ? " from a sandboxed frame" : "";
  return `${method} ${path}${where}${particulars.length > 0 ? ` with ${particulars.join(", ")}` : ""}`;
}

function meaning(request, { response, reachable }, lines) {
  if (!response && !reachable) return `Nothing answers at ${config.api}: is the demo still running?`;
  const reason = lines?.map(({ cors }) => cors?.replace("denied:", "")).find((told) => told in REASONS);
  const why = reason ? `The filter's reason is ${reason}: ${REASONS[reason]}.` : "";
  return [response ? "" : whatWasRefused(request), why, request.says ?? ""].filter(Boolean).join(" ");
}

function whatWasRefused(request) {
  return isPreflighted(request)
    ? "The browser asked first, with a preflight, and did not send the call."
    : "The API answered, but the browser keeps the answer from the page.";
}

function describeAnswer({ status, headers, body }) {
  const shown = [["Status", status]];
  if (status === 202) {
    shown.push(["X-Job-Id", headers["x-job-id"] ?? "(not readable)"]);
    shown.push(["Location", headers["location"] ?? "(not readable)"]);
  }
  if (body) shown.push(["Body", body.length > 160 ? `${body.slice(0, 160)} ...` : body]);
  return shown.flatMap(([name, value]) => [element("dt", name), element("dd", value)]);
}

/** A line of the access log: what was sent, what the filter decided, and the headers that were involved. */
function describeLine(line) {
  const item = byId("line-template").content.firstElementChild.cloneNode(true);
  const find = (name) => item.querySelector(`.${name}`);
  find("sent").textContent = `${line.method} ${line.path.split("?")[0]}`;
  find("status").textContent = line.status;
  find("decision").textContent = line.cors ?? "allowed";
  find("decision").classList.add(line.cors?.startsWith("denied") ? "refused" : "allowed");
  const headers = [
    ["Origin", line.origin],
    ["Access-Control-Request-Method", line.asks_method],
    ["Access-Control-Request-Headers", line.asks_headers],
    ["Access-Control-Allow-Origin", line.allow_origin ?? "(none)", "answer"],
    ["Access-Control-Allow-Methods", line.allow_methods, "answer"],
    ["Access-Control-Allow-Headers", line.allow_headers, "answer"],
  ];
  find("headers").replaceChildren(...headers.filter(([, value]) => value).flatMap(describeHeader));
  return item;
}

function describeHeader([name, value, kind]) {
  const term = element("dt", kind === "answer" ? `← ${name}` : `→ ${name}`);
  return [term, element("dd", value)];
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

async function copy(from, button) {
  try {
    await navigator.clipboard.writeText(from.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(from);
    button.textContent = "Selected; now copy it";
  }
}

// Jobs

/** The runs that this page has started and that are not over, by the name of their job. */
const running = new Map();

async function readJobs() {
  const answer = await call(listJobs);
  if (isOk(answer)) showJobs(JSON.parse(answer.body).jobs);
  else byId("no-jobs").textContent = "The list could not be read: below is why.";
}

const isOk = (answer) => answer !== null && answer.status >= 200 && answer.status < 300;

function showJobs(jobs) {
  byId("no-jobs").hidden = true;
  const focused = document.activeElement?.closest?.("#jobs li")?.dataset.name;
  byId("jobs").replaceChildren(...jobs.map(describeJob));
  // The button that was pressed is gone with its row: without this, the keyboard would be back at the page's top.
  if (focused) byId("jobs").querySelector(`[data-name="${CSS.escape(focused)}"] .act`)?.focus();
}

function describeJob(job) {
  const item = byId("job-template").content.firstElementChild.cloneNode(true);
  const find = (name) => item.querySelector(`.${name}`);
  const action = running.has(job.name) ? "stop" : "start";
  item.dataset.name = job.name;
  find("name").textContent = job.name;
  find("schedule").textContent = job.schedule;
  find("last").textContent = `last run ${new Date(job.last_run).toLocaleString()}`;
  find("state").textContent = job.state;
  find("state").dataset.state = job.state;
  find("act").textContent = action === "stop" ? "Stop" : "Start";
  find("act").setAttribute("aria-label", `${find("act").textContent} ${job.name}`);
  find("act").dataset.action = action;
  onClick(find("act"), () => (action === "stop" ? stop(job.name) : start(job.name)));
  return item;
}

async function start(name) {
  const answer = await call(startJob(name));
  if (!isOk(answer)) return;
  const { id } = JSON.parse(answer.body);
  running.set(name, id);
  await refreshJobs();
  await untilDone(name, id);
}

async function stop(name) {
  if (!isOk(await call(stopRun(running.get(name))))) return;
  running.delete(name);
  await refreshJobs();
}

/** Follows a run without a line for every poll, and shows the last answer. */
async function untilDone(name, run) {
  while (running.get(name) === run) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    const state = await quietly(showRun(run));
    if (state?.state === "running") continue;
    if (running.get(name) !== run) return;
    running.delete(name);
    await call(showRun(run));
    await refreshJobs();
  }
}

async function refreshJobs() {
  const content = await quietly(listJobs);
  if (content) showJobs(content.jobs);
}

async function quietly(request) {
  const { response } = await make(request, config.api + request.path);
  return response && isOk(response) ? JSON.parse(response.body) : null;
}

// The page

async function loadConfig() {
  try {
    const response = await fetch("/config.json");
    return response.ok ? { ...DEFAULTS, ...(await response.json()) } : DEFAULTS;
  } catch {
    return DEFAULTS;
  }
}

function showWhere() {
  byId("origin").textContent = location.origin;
  byId("api").textContent = config.api;
  byId("standing").textContent = config.allowed ? "which the policy allows" : "which the policy does not allow";
  for (const link of document.querySelectorAll(".other")) link.href = config.other;
  byId("other").textContent = config.allowed
    ? `Open the same page from an origin that is not allowed: ${config.other}`
    : `Open the same page from the origin that is allowed: ${config.other}`;
  byId("where").classList.add(config.allowed ? "allowed" : "refused");
  byId("where").hidden = false;
}

function clearCalls() {
  byId("calls").replaceChildren();
  byId("no-calls").hidden = false;
}

/** An impatient second click does nothing. The button is not disabled for that: it would lose the keyboard's focus. */
function onClick(button, action) {
  let busy = false;
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    await action();
    busy = false;
  });
}

config = await loadConfig();
showWhere();
onClick(byId("list"), readJobs);
for (const button of document.querySelectorAll("[data-try]")) onClick(button, () => call(TRIES[button.dataset.try]));
byId("clear").addEventListener("click", clearCalls);
await readJobs();
