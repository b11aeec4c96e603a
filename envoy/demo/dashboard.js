// The dashboard: calls the API from another origin, and shows what the browser allowed and refused.

// The demo tells its pages where the API is. Served by anything else, the page takes the ports of envoy.yaml.
const DEFAULTS = { api: "http://localhost:10000", other: "http://localhost:8081", allowed: true };

const POLL_MILLISECONDS = 1000;
const MAX_CALLS_SHOWN = 20;

let config = DEFAULTS;

const byId = (id) => document.getElementById(id);

// Calls

const list = { method: "GET", path: "/jobs" };
const secret = {
  method: "GET",
  path: "/secret",
  meaning: "An error, and the page can read it: the filter annotates answers of every status.",
};
const patch = {
  method: "PATCH",
  path: "/jobs",
  refusal: "The answer to the preflight names the allowed methods, and PATCH is not among them.",
};
const header = {
  method: "GET",
  path: "/jobs",
  headers: { "X-Debug": "1" },
  refusal: "The answer to the preflight names the allowed request headers, and X-Debug is not among them.",
};
const start = (job) => ({
  method: "POST",
  path: `/jobs/${encodeURIComponent(job)}/start`,
  headers: { Authorization: "Bearer demo", "Content-Type": "application/json" },
  body: JSON.stringify({ full: true }),
  meaning: "The page may read X-Job-Id because the policy exposes it; Location it does not expose.",
});
const showRun = (run) => ({ method: "GET", path: `/runs/${encodeURIComponent(run)}` });
const stop = (run) => ({
  method: "DELETE",
  path: `/runs/${encodeURIComponent(run)}`,
  meaning: "DELETE needs a preflight, and the policy allows it.",
});

/** Calls the API, shows what came of it, and returns the answer, or null if the browser kept it from the page. */
async function call(request) {
  const outcome = await attempt(request);
  showCall(request, outcome);
  return outcome.response ?? null;
}

async function attempt(request) {
  try {
    const response = await send(request);
    return { response, body: await response.clone().text() };
  } catch {
    return { reachable: await isReachable() };
  }
}

function send({ method, path, headers, body }) {
  return fetch(config.api + path, { method, headers, body, credentials: "include", cache: "no-store" });
}

// A refused call and a server that is down look alike to a script. In the mode `no-cors` the browser does send the
// request and tells whether anything answered, though nothing of the answer.
async function isReachable() {
  try {
    await fetch(config.api + list.path, { method: "HEAD", mode: "no-cors", cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}

// What a call came to

function showCall(request, outcome) {
  const item = byId("call-template").content.firstElementChild.cloneNode(true);
  const find = (name) => item.querySelector(`.${name}`);
  const readable = outcome.response !== undefined;
  find("verdict").textContent = readable ? "allowed" : outcome.reachable ? "refused by the browser" : "no answer";
  find("verdict").classList.add(readable ? "allowed" : "refused");
  find("request").textContent = describeRequest(request);
  find("meaning").textContent = meaning(request, outcome);
  find("meaning").hidden = !find("meaning").textContent;
  find("answer").replaceChildren(...(readable ? describeAnswer(outcome) : []));
  find("reason").hidden = readable || !outcome.reachable;
  find("command").textContent = curl(request);
  find("copy").addEventListener("click", (event) => copy(find("command"), event.target));
  byId("calls").prepend(item);
  while (byId("calls").children.length > MAX_CALLS_SHOWN) byId("calls").lastElementChild.remove();
  byId("no-calls").hidden = true;
}

function describeRequest({ method, path, headers }) {
  return headers ? `${method} ${path} with ${Object.keys(headers).join(", ")}` : `${method} ${path}`;
}

function meaning(request, { response, reachable }) {
  if (response) return request.meaning ?? "";
  if (!reachable) return `Nothing answers at ${config.api}: is the demo still running?`;
  if (config.allowed && request.refusal) return request.refusal;
  return isPreflighted(request)
    ? `The browser asked first, with a preflight. The filter refused it, so the request itself was not sent.`
    : `The API answered, but without Access-Control-Allow-Origin: ${location.origin}. So the browser hides the answer.`;
}

function describeAnswer({ response, body }) {
  const shown = [["Status", response.status]];
  if (response.status === 202) {
    shown.push(["X-Job-Id", response.headers.get("X-Job-Id") ?? "(not readable)"]);
    shown.push(["Location", response.headers.get("Location") ?? "(not readable)"]);
  }
  if (body) shown.push(["Body", body.length > 160 ? `${body.slice(0, 160)} ...` : body]);
  return shown.flatMap(([name, value]) => [element("dt", name), element("dd", value)]);
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

// The command to see the reason

const SAFELISTED_METHODS = ["GET", "HEAD", "POST"];

// Enough for the calls of this page: Fetch lets a few headers pass, and this page sends none of them.
function isPreflighted({ method, headers }) {
  return !SAFELISTED_METHODS.includes(method) || headers !== undefined;
}

function curl(request) {
  const fields = { Origin: location.origin };
  if (isPreflighted(request)) fields["Access-Control-Request-Method"] = request.method;
  const names = Object.keys(request.headers ?? {}).map((name) => name.toLowerCase()).sort();
  if (names.length > 0) fields["Access-Control-Request-Headers"] = names.join(",");
  const options = Object.entries(fields).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
  const command = isPreflighted(request) ? "curl -i -X OPTIONS" : "curl -i";
  const words = [command, ...options, quote(config.api + request.path)];
  return words.length > 3 ? words.join(" \\\n  ") : words.join(" ");
}

function quote(word) {
  return /^[\w:/.-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
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
  const answer = await call(list);
  if (answer?.ok) showJobs((await answer.json()).jobs);
  else byId("no-jobs").textContent = "The list could not be read: below is why.";
}

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
  onClick(find("act"), () => (action === "stop" ? stopJob(job.name) : startJob(job.name)));
  return item;
}

async function startJob(name) {
  const answer = await call(start(name));
  if (!answer?.ok) return;
  const { id } = await answer.json();
  running.set(name, id);
  await refreshJobs();
  await untilDone(name, id);
}

async function stopJob(name) {
  const answer = await call(stop(running.get(name)));
  if (!answer?.ok) return;
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
  const content = await quietly(list);
  if (content) showJobs(content.jobs);
}

async function quietly(request) {
  try {
    const response = await send(request);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
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
  byId("other").href = config.other;
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

const ACTIONS = { list: readJobs, secret: () => call(secret), patch: () => call(patch), header: () => call(header) };

config = await loadConfig();
showWhere();
for (const button of document.querySelectorAll("[data-call]")) onClick(button, ACTIONS[button.dataset.call]);
byId("clear").addEventListener("click", clearCalls);
await readJobs();
