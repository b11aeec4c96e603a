// The dashboard: calls the API from another origin, and shows what the browser allowed and refused, and why.

import { linesOf } from "./accesslog.js";
import { bringIntoView, clearCalls, showCall } from "./calllist.js";
import { isPreflighted, listJobs, make, showRun, startJob, stopRun, TRIES } from "./calls.js";
import { showPolicy } from "./policy.js";

// The demo tells its pages where the API is. Served by anything else, the page takes the ports of envoy.yaml.
const DEFAULTS = { api: "http://localhost:10000", other: "http://localhost:8081", allowed: true, own: false, policy: "" };

const POLL_MILLISECONDS = 1000;

let config = DEFAULTS;

const byId = (id) => document.getElementById(id);

// Calls

const page = Math.random().toString(36).slice(2, 8);
let calls = 0;

/** Calls the API, shows what came of it, and returns the answer, or null if the browser kept it from the page. */
async function call(request) {
  calls += 1;
  const id = `${page}-${calls}`;
  // The id finds the call in the access log. As part of the URL it also makes the browser ask again each time.
  const outcome = await make(request, `${config.api}${request.path}?call=${id}`);
  if (!outcome.response) outcome.reachable = await isReachable();
  const lines = outcome.response || outcome.reachable ? await linesOf(id, !outcome.response && isPreflighted(request)) : null;
  showCall(request, outcome, lines, config);
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

// Jobs

/** The runs that this page has started and that are not over, by the name of their job. */
const running = new Map();

async function readJobs() {
  const answer = await call(listJobs);
  if (isOk(answer)) showJobs(JSON.parse(answer.body).jobs);
  else byId("no-jobs").textContent = "The list could not be read; see “What the browser did”.";
}

const isOk = (answer) => answer !== null && answer.status >= 200 && answer.status < 300;

function showJobs(jobs) {
  byId("no-jobs").hidden = true;
  const focused = document.activeElement?.closest?.("#jobs li")?.dataset.name;
  byId("jobs").replaceChildren(...jobs.map(describeJob));
  // The pressed button is gone with its row. Without this, keyboard focus would return to the top of the page.
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
  bringIntoView();
  if (!isOk(answer)) return;
  const { id } = JSON.parse(answer.body);
  running.set(name, id);
  await refreshJobs();
  await untilDone(name, id);
}

async function stop(name) {
  const answer = await call(stopRun(running.get(name)));
  bringIntoView();
  if (!isOk(answer)) return;
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
  // A policy of the reader's own may allow both.
  const standing = config.own ? "at the other origin" : config.allowed ? "that is not allowed" : "that is allowed";
  byId("other").textContent = `Open the page ${standing}: ${config.other}`;
  byId("other-standing").textContent = standing;
  byId("legend").textContent = legend();
  byId("policy-section").hidden = config.policy === "";
  showPolicy(byId("policy"), config.policy);
  byId("where").classList.add(config.allowed ? "allowed" : "refused");
  byId("where").hidden = false;
}

function legend() {
  if (config.own) return "The outlined buttons are refused by the demo's own policy; yours may decide otherwise.";
  if (config.allowed) return "The filled buttons are allowed, the outlined ones are refused.";
  return "From this origin all of these are refused, except the public status without cookies.";
}

/** An impatient second click does nothing. The button is not disabled for that: it would lose the keyboard's focus. */
function onClick(button, action) {
  let busy = false;
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    try {
      await action();
    } finally {
      busy = false;
    }
  });
}

config = await loadConfig();
showWhere();
onClick(byId("list"), () => readJobs().then(bringIntoView));
for (const button of document.querySelectorAll("[data-try]")) {
  onClick(button, () => call(TRIES[button.dataset.try]).then(bringIntoView));
}
byId("clear").addEventListener("click", clearCalls);
await readJobs();
