// The list of calls: what the browser allowed and refused, and why.

import { credentialsRefusal, decisionOf, reasonIn, REASONS, refusedIn } from "./accesslog.js";
import { curl, isPreflighted } from "./calls.js";
import { lineThatDecided, showPolicy, whySafelisted } from "./policy.js";

const MAX_CALLS_SHOWN = 20;

const byId = (id) => document.getElementById(id);

/** Puts a call above the others: what became of it, and what Envoy's access log has of it, if that could be read. */
export function showCall(request, outcome, lines, { api, policy }) {
  const item = byId("call-template").content.firstElementChild.cloneNode(true);
  const find = (name) => item.querySelector(`.${name}`);
  const isAllowed = outcome.response !== undefined;
  const verdict = isAllowed ? "allowed" : outcome.reachable ? "refused" : "no answer";
  find("verdict").textContent = verdict;
  find("verdict").classList.add(isAllowed ? "allowed" : "refused");
  find("request").textContent = describe(request);
  find("meaning").textContent = meaning(request, outcome, lines ?? [], api);
  showDecision(find("line"), request, outcome, lines ?? [], policy);
  find("answer").replaceChildren(...(isAllowed ? describeAnswer(outcome.response) : []));
  find("log").hidden = !lines?.length;
  find("lines").replaceChildren(...(lines ?? []).map((line) => describeLine(line, request)));
  find("reason").hidden = isAllowed || !outcome.reachable;
  find("command").textContent = curl(request, api);
  find("copy").addEventListener("click", (event) => copy(find("command"), event.target));
  byId("calls").prepend(item);
  while (byId("calls").children.length > MAX_CALLS_SHOWN) byId("calls").lastElementChild.remove();
  byId("no-calls").hidden = true;
  byId("news").textContent = `${verdict}: ${describe(request)}`;
}

/** Marks the line of the policy that decided, and repeats it beside the call. */
function showDecision(element, request, outcome, lines, policy) {
  const isForPage = outcome.response !== undefined;
  const refusedForCookies = !isForPage && request.credentials === "include" && credentialsRefusal(lines) !== "";
  const origin = request.sandboxed ? "null" : location.origin;
  const reason = reasonIn(lines)?.reason;
  const isKnown = policy && lines.length > 0 && (isForPage || reason || refusedForCookies);
  const number = isKnown ? lineThatDecided(policy, { path: request.path, origin, reason, refusedForCookies }) : null;
  if (policy) showPolicy(byId("policy"), policy, number);
  byId("decided").textContent = number === null ? "" : `Marked: the line that decided about ${describe(request)}.`;
  element.hidden = number === null;
  if (number !== null) element.querySelector("code").textContent = policy.split("\n")[number].trim();
}

/** On a screen too narrow for both, the list of calls is below the buttons: what a press did would go unseen. */
export function bringIntoView() {
  const newest = byId("calls").firstElementChild;
  const { top, bottom } = newest.querySelector(".meaning").getBoundingClientRect();
  if (top >= 0 && bottom <= innerHeight) return;
  const behavior = matchMedia("(prefers-reduced-motion: no-preference)").matches ? "smooth" : "instant";
  newest.scrollIntoView({ behavior, block: "start" });
}

export function clearCalls() {
  byId("calls").replaceChildren();
  byId("news").textContent = "";
  byId("no-calls").hidden = false;
}

function describe({ method, path, headers, credentials, sandboxed }) {
  const particulars = Object.keys(headers ?? {});
  if (credentials === "include") particulars.push("cookies");
  const where = sandboxed ? " from a sandboxed frame" : "";
  return `${method} ${path}${where}${particulars.length > 0 ? ` with ${particulars.join(", ")}` : ""}`;
}

function meaning(request, { response, reachable }, lines, api) {
  if (!response && !reachable) return `Nothing answers at ${api}: is the demo still running?`;
  const refusal = response ? "" : whatWasRefused(request);
  const credentials = !response && request.credentials === "include" ? credentialsRefusal(lines) : "";
  const safelisted = response && lines.map(whySafelisted).find(Boolean);
  return [refusal, whatFilterSays(lines), credentials, safelisted, request.says].filter(Boolean).join(" ");
}

function whatWasRefused(request) {
  return isPreflighted(request)
    ? "The browser asked first, with a preflight, and then did not send the call."
    : "The API answered, but the browser keeps the answer from the page.";
}

function whatFilterSays(lines) {
  const told = reasonIn(lines);
  if (!told) return "";
  const who = told.isShadow ? "A policy in shadow mode would have denied it. Its reason is" : "The filter's reason is";
  const which = refusedIn(lines);
  return `${who} ${told.reason}: ${REASONS[told.reason]}${which && `; it was ${which}`}.`;
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
function describeLine(line, { credentials }) {
  const item = byId("line-template").content.firstElementChild.cloneNode(true);
  const find = (name) => item.querySelector(`.${name}`);
  find("sent").textContent = `${line.method} ${line.path.split("?")[0]}`;
  find("status").textContent = line.status;
  const { words, kind } = decisionOf(line);
  find("decision").textContent = words;
  find("decision").classList.add(kind);
  const headers = [
    ["Origin", line.origin],
    ["Access-Control-Request-Method", line.asks_method],
    ["Access-Control-Request-Headers", line.asks_headers],
    ["Access-Control-Allow-Origin", line.allow_origin ?? "(none)", "answer"],
    ["Access-Control-Allow-Credentials", line.allow_credentials ?? (credentials === "include" ? "(none)" : null), "answer"],
    ["Access-Control-Allow-Methods", line.allow_methods, "answer"],
    ["Access-Control-Allow-Headers", line.allow_headers, "answer"],
    ["Access-Control-Expose-Headers", line.expose_headers, "answer"],
    ["Proxy-Status", line.proxy_status, "answer"],
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
