// What a browser does by itself: event streams, cookies, fonts, timings, beacons, reports.

// An EventSource until it has the rest or is closed for good.
function events(api, options) {
  return new Promise((resolve) => {
    const source = new EventSource(`${api}/events`, options);
    const said = [];
    source.onmessage = ({ data }) => {
      said.push(data);
      if (!data.startsWith("the rest")) return;
      source.close();
      resolve(said.join(" | "));
    };
    source.onerror = () => source.readyState === EventSource.CLOSED && resolve([...said, "closed"].join(" | "));
  });
}

// A WebSocket that carries a message there and back.
function socket(api) {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${api.replace("https", "wss")}/socket`);
    socket.onopen = () => socket.send("ping");
    socket.onmessage = ({ data }) => {
      socket.close();
      resolve(data);
    };
    socket.onerror = () => resolve("refused");
  });
}

// The server sets a cookie with these attributes; then it is asked who is there.
async function signIn(api, attributes, credentials = "include") {
  await (await fetch(`${api}/session?${attributes}`, { method: "POST", credentials })).text();
  return read(await fetch(`${api}/me`, { credentials }));
}

async function font(api) {
  const face = new FontFace("square", `url(${api}/font)`);
  return face.load().then(() => face.status, (error) => error.name);
}

// A monitoring library wraps `fetch` when it is switched on, and every call of the page has its headers from then on.
async function monitored(api, headers) {
  const said = [];
  const load = async (fetch) => {
    for (const path of ["/jobs", "/me", "/document"]) said.push(await orRefused(fetch(api + path).then(({ status }) => status)));
  };
  said.push("off:");
  await load((url) => fetch(url));
  said.push("on:");
  await load((url) => fetch(url, { headers }));
  return said.join(" ");
}

async function timing(api) {
  const url = `${api}/jobs`;
  await (await fetch(url)).text();
  // It is there soon after the answer.
  while (!performance.getEntriesByName(url).length) await wait(10);
  return performance.getEntriesByName(url)[0].responseStart > 0 ? "timed" : "zeros";
}

// Whether it is queued; what comes of it, no page learns.
function beacon(api, kind, path = "/beacon") {
  return navigator.sendBeacon(api + path, new Blob(["{}"], { type: kind })) ? "queued" : "not queued";
}

// A form that is posted into a frame, as an identity provider has it posted back.
async function form(action) {
  const frame = document.createElement("iframe");
  const form = document.createElement("form");
  Object.assign(frame, { name: `posted to ${action}` });
  Object.assign(form, { action, method: "post", target: frame.name });
  document.body.append(frame, form);
  await new Promise((resolve) => {
    frame.onload = resolve;
    form.submit();
  });
  return "loaded";
}

// A document of this page's origin breaks a rule of its own.
async function violation(page, report) {
  const frame = document.createElement("iframe");
  frame.src = `${page}?${report}`;
  document.body.append(frame);
  await new Promise((resolve) => (frame.onload = resolve));
  return "loaded";
}
