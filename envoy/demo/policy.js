// The policy, with the line that decided about a call.

const SAFELISTED_METHODS = ["GET", "HEAD", "POST"];

const FIELD_OF_REASON = {
  "origin-null": "allow_origins",
  "origin-not-allowed": "allow_origins",
  "origin-malformed": "allow_origins",
  "method-not-allowed": "allow_methods",
  "header-not-allowed": "allow_headers",
  "private-network-not-allowed": "allow_private_network",
};

/**
 * The number of the line of the policy that decided, or null if that is not known. `call` has the path, the origin, the
 * reason of a denial, and whether the browser kept the answer because of cookies.
 */
export function lineThatDecided(policy, { path, origin, reason, refusedForCookies }) {
  const lines = policy.split("\n");
  const part = partFor(lines, path);
  if (!part) return null;
  const find = (wanted) => part.find((number) => wanted(lines[number].trim()));
  const field = (name) => find((line) => line.replace(/^- /, "").startsWith(`${name}:`)) ?? null;
  if (refusedForCookies) return field("allow_credentials") ?? field("allow_origins");
  if (reason) return FIELD_OF_REASON[reason] ? field(FIELD_OF_REASON[reason]) ?? part[0] : null;
  const names = (line) => [origin, `"${origin}"`, `'${origin}'`].some((name) => line === `- ${name}`);
  return find(names) ?? field("allow_origins");
}

/** The numbers of the lines of the policy that applies to a path; null where more than `paths` on one line decides. */
function partFor(lines, path) {
  const all = lines.map((_, number) => number);
  const starts = all.filter((number) => /^\s*- name:/.test(lines[number]));
  if (starts.length === 0) return lines.some((line) => /^\s*policies:/.test(line)) ? null : all;
  for (const [index, start] of starts.entries()) {
    const part = all.slice(start, starts[index + 1]);
    const match = part.map((number) => lines[number].trim()).find((line) => line.startsWith("match:"));
    if (match === undefined) return part;
    const paths = /^match: \{ paths: \[([^\]]*)\] \}$/.exec(match)?.[1].split(",").map((it) => it.trim());
    if (!paths) return null;
    if (paths.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))) return part;
  }
  return null;
}

/** Why a method that is not among Allow-Methods was allowed; empty if it is, or was not asked for. */
export function whySafelisted({ asks_method, allow_origin, allow_methods }) {
  const listed = (allow_methods ?? "").split(",");
  if (!allow_origin || !SAFELISTED_METHODS.includes(asks_method) || listed.includes(asks_method)) return "";
  return `${asks_method} need not be in Access-Control-Allow-Methods: browsers always let a page send GET, HEAD and POST.`;
}

/** Shows the policy, with one line marked if its number is given. */
export function showPolicy(element, policy, marked) {
  element.replaceChildren(...policy.trimEnd().split("\n").map((line, number) => describe(line, number === marked)));
}

function describe(line, isMarked) {
  const made = document.createElement(isMarked ? "mark" : "span");
  made.textContent = `${line}\n`;
  return made;
}
