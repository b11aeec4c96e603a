// Envoy's access log, where the filter says what it decided. A page is not told: the browser keeps the answers of
// refused calls from it. So the server of this page reads the log for it.

const PATIENCE_MILLISECONDS = 2000;
const PAUSE_MILLISECONDS = 100;

/** What each reason means, for whoever has to fix it. */
export const REASONS = {
  "config-invalid": "the configuration has problems, and allows no one until they are fixed",
  "path-not-normalized": "the path has several readings, and the policies that they choose decide differently",
  "origin-malformed": "the Origin header is not something that a browser sends",
  "origin-null": "the page has no origin of its own, and null is not in allow_origins",
  "origin-not-allowed": "no entry of allow_origins matches the origin of this page",
  "method-not-allowed": "the method is not in allow_methods",
  "header-not-allowed": "a request header is not in allow_headers",
  "private-network-not-allowed": "the policy does not allow calls into a private network",
  "route-changed": "the answer came by another route than the one that chose the policy",
};

/**
 * The lines about the call of this id, once the one is there that ends it: of the request itself, or of a preflight
 * after which the browser does not send it. Null if this page's server has no log.
 */
export async function linesOf(id, endsWithPreflight) {
  const isLast = (line) => endsWithPreflight || line.asks_method === null;
  const end = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const lines = await read(id);
    if (lines === null || lines.some(isLast) || performance.now() > end) return lines;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
  }
}

async function read(id) {
  try {
    const response = await fetch(`/access-log?call=${encodeURIComponent(id)}`);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

const DENIAL = /^(shadow-)?denied:/;

/** The filter's reason in these lines, and whether it comes from a policy in shadow mode; undefined if there is none. */
export function reasonIn(lines) {
  const told = lines.map(({ cors }) => cors).find((cors) => cors?.replace(DENIAL, "") in REASONS);
  return told && { reason: told.replace(DENIAL, ""), isShadow: told.startsWith("shadow-") };
}

/**
 * The method or the header that was refused, by the response header `Proxy-Status`. The page itself cannot read it: no
 * script sees the answer to a preflight, and of other answers it sees this header only if it is in expose_headers.
 */
export function refusedIn(lines) {
  const told = lines.map(({ proxy_status }) => /(?:method|header)-not-allowed: ([^"]+)"/.exec(proxy_status ?? ""));
  return told.find(Boolean)?.[1] ?? "";
}

/** What the filter decided about a line's request, as words and as the class that paints them. */
export function decisionOf({ cors, origin, allow_origin }) {
  if (cors?.startsWith("shadow-")) return { words: `${cors}, which changes nothing`, kind: "shadow" };
  if (cors) return { words: cors, kind: cors.startsWith("denied") ? "refused" : "allowed" };
  // The filter records no verdict for most requests that it allows. Then the answer shows it.
  return origin && allow_origin ? { words: "allowed", kind: "allowed" } : { words: "no verdict", kind: "none" };
}

/** Why a browser keeps an answer from a call with cookies that it would show to one without; empty if it would not. */
export function credentialsRefusal(lines) {
  const { allow_origin, allow_credentials } = lines.at(-1) ?? {};
  if (!allow_origin) return "";
  if (allow_origin === "*") return "The answer allows every origin (*), and browsers do not accept that for a call with cookies.";
  return allow_credentials ? "" : "Access-Control-Allow-Credentials is missing, and a call with cookies needs it.";
}
