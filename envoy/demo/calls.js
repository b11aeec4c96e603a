// The calls that the page makes, and what the browser let it see of them.

/**
 * A call. `says` is what it shows, `with` names what is particular about it; `credentials` is "omit" unless it says
 * otherwise, so that cookies go along only where they are the point.
 */
export const listJobs = { method: "GET", path: "/jobs" };

export const startJob = (job) => ({
  method: "POST",
  path: `/jobs/${encodeURIComponent(job)}/start`,
  headers: { Authorization: "Bearer demo", "Content-Type": "application/json" },
  body: JSON.stringify({ full: true }),
  says: "The policy exposes X-Job-Id, so the page may read it. It does not expose Location.",
});

export const showRun = (run) => ({ method: "GET", path: `/runs/${encodeURIComponent(run)}` });

export const stopRun = (run) => ({ method: "DELETE", path: `/runs/${encodeURIComponent(run)}` });

/** What the buttons under "Calls to try" call. */
export const TRIES = {
  post: { method: "POST", path: "/session", credentials: "include", says: "The answer sets a cookie." },
  patch: { method: "PATCH", path: "/jobs", says: "A method beyond GET, HEAD and POST has to be in allow_methods." },
  listed: { method: "GET", path: "/jobs", headers: { "X-Request-Id": "7" } },
  unlisted: {
    method: "GET",
    path: "/jobs",
    headers: { "X-Debug": "1" },
    says: "A header that a script sets has to be in allow_headers.",
  },
  me: {
    method: "GET",
    path: "/me",
    credentials: "include",
    says: "Without the cookie this is 401. An allowed page can read errors too, and ask its user to sign in.",
  },
  status: { method: "GET", path: "/status", says: "This path has its own policy: every page may read it." },
  statusWithCookies: { method: "GET", path: "/status", credentials: "include" },
  sandboxed: {
    method: "GET",
    path: "/jobs",
    sandboxed: true,
    says: "A sandboxed frame has no usable origin, so the browser sends null.",
  },
};

const SAFELISTED_METHODS = ["GET", "HEAD", "POST"];

/** Whether the browser asks first. Enough for these calls: Fetch lets a few headers pass, and none of them is here. */
export function isPreflighted({ method, headers }) {
  return !SAFELISTED_METHODS.includes(method) || headers !== undefined;
}

/** Makes a call to `url`: `{ response: { status, headers, body } }`, or `{}` if the page may not read an answer. */
export async function make(call, url) {
  const { method, headers, body, credentials = "omit", sandboxed } = call;
  const init = { method, headers, body, credentials, cache: "no-store" };
  try {
    return { response: await (sandboxed ? fromSandbox(url, init) : read(url, init)) };
  } catch {
    return {};
  }
}

async function read(url, init) {
  const response = await fetch(url, init);
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

const SANDBOX_MILLISECONDS = 10_000;

/** Lets a frame make the call that may run scripts but has no origin. Should it never tell, the call has failed. */
function fromSandbox(url, init) {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts";
  frame.hidden = true;
  frame.srcdoc = `<script>
    const tell = (answer) => parent.postMessage(answer, "*");
    fetch(${JSON.stringify(url)}, ${JSON.stringify(init)}).then(
      async (response) => tell({ status: response.status, headers: {}, body: await response.text() }),
      () => tell(null),
    );
  </script>`;
  const answer = new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(SANDBOX_MILLISECONDS);
    signal.addEventListener("abort", () => reject(signal.reason));
    addEventListener("message", function told({ source, data }) {
      if (source !== frame.contentWindow) return;
      removeEventListener("message", told);
      if (data) resolve(data);
      else reject(new TypeError("refused"));
    }, { signal });
  });
  document.body.append(frame);
  return answer.finally(() => frame.remove());
}

/** The command that asks Envoy the same from a terminal, without a browser in between. */
export function curl({ method, path, headers, sandboxed }, api) {
  const fields = { Origin: sandboxed ? "null" : location.origin };
  const asks = isPreflighted({ method, headers });
  if (asks) fields["Access-Control-Request-Method"] = method;
  const names = Object.keys(headers ?? {}).map((name) => name.toLowerCase()).sort();
  if (names.length > 0) fields["Access-Control-Request-Headers"] = names.join(",");
  const options = Object.entries(fields).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
  const command = asks ? "curl -i -X OPTIONS" : method === "GET" ? "curl -i" : `curl -i -X ${method}`;
  const words = [command, ...options, quote(api + path)];
  return words.length > 3 ? words.join(" \\\n  ") : words.join(" ");
}

function quote(word) {
  return /^[\w:/.-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
