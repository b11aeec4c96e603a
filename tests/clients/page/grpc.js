// gRPC-Web as Google's client speaks it (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md), and Connect
// (https://connectrpc.com/docs/protocol).

const bytes = (text) => new TextEncoder().encode(text);
const text = (bytes) => new TextDecoder().decode(bytes);

// A flag, the length, and the message.
function framed(message, flag = 0) {
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame[0] = flag;
  frame.set(message, 5);
  return frame;
}

// The frames of a body as they arrive: [flag, message, when].
async function frames(body, decoded = (chunk) => chunk) {
  const found = [];
  let rest = new Uint8Array();
  for await (const chunk of body) {
    rest = new Uint8Array([...rest, ...decoded(chunk)]);
    while (rest.length >= 5) {
      const length = new DataView(rest.buffer).getUint32(1);
      if (rest.length < 5 + length) break;
      found.push([rest[0], text(rest.slice(5, 5 + length)), performance.now()]);
      rest = rest.slice(5 + length);
    }
  }
  return found;
}

// Each part of a body in base64 ends with its own padding.
function base64Decoder() {
  let rest = "";
  return (chunk) => {
    rest += text(chunk);
    const whole = rest.slice(0, rest.length - (rest.length % 4));
    rest = rest.slice(whole.length);
    const parts = whole.match(/[^=]+=*/g) ?? [];
    return Uint8Array.from(parts.map(atob).join(""), (character) => character.charCodeAt(0));
  };
}

function grpcWeb(api, method, { isText = false, metadata = {}, more = {} } = {}) {
  const kind = isText ? "application/grpc-web-text" : "application/grpc-web+proto";
  const message = framed(bytes("hello"));
  return fetch(`${api}/town.Town/${method}`, {
    method: "POST",
    headers: {
      "content-type": kind, accept: kind, "x-grpc-web": "1", "x-user-agent": "grpc-web-javascript/0.1",
      "grpc-timeout": "5S", ...metadata,
    },
    body: isText ? btoa(String.fromCharCode(...message)) : message,
    ...more,
  }).then((response) => grpcOutcome(response, isText));
}

// The messages, and the status with where it was found.
async function grpcOutcome(response, isText) {
  const all = await frames(response.body, isText ? base64Decoder() : undefined);
  const messages = all.filter(([flag]) => !(flag & 0x80));
  const [, trailers] = all.find(([flag]) => flag & 0x80) ?? [];
  const inBody = new Map(trailers?.trim().split("\r\n").map((line) => line.split(/: ?/)));
  const [from, where] = trailers === undefined ? [response.headers, "headers"] : [inBody, "body"];
  const names = ["grpc-status", "grpc-message", "grpc-status-details-bin", "x-cost"];
  const status = names.filter((name) => from.get(name)).map((name) => `${name}: ${from.get(name)}`);
  const words = status.length ? `${status.join(", ")} in the ${where}` : `HTTP ${response.status} and no status`;
  return [...messages.map(([, message]) => message), words].join(" | ") + pace(messages);
}

// Whether messages that are sent apart arrive apart.
function pace(messages) {
  if (messages.length < 3) return "";
  const [first, last] = [messages[0], messages.at(-1)].map(([, , when]) => when);
  return last - first > 120 ? " | one by one" : " | all at once";
}

function connect(api, method, { isStream = false, headers = {}, more = {} } = {}) {
  return fetch(`${api}/town.Town/${method}`, {
    method: "POST",
    headers: {
      "content-type": isStream ? "application/connect+proto" : "application/proto", "connect-protocol-version": "1", ...headers,
    },
    body: isStream ? framed(bytes("hello")) : bytes("hello"),
    ...more,
  });
}

async function connectOutcome(response) {
  if (response.ok) return read(response, "trailer-x-cost");
  return `${response.status} ${connectError(await response.json())}`;
}

const connectError = ({ code, message }) => `${code}: ${message}`;

const connectUnary = (...call) => connect(...call).then(connectOutcome);

async function connectStream(api, method, call = {}) {
  const all = await frames((await connect(api, method, { isStream: true, ...call })).body);
  return all.map(([flag, message]) => (flag & 2 ? connectEnd(JSON.parse(message)) : message)).join(" | ");
}

const connectEnd = ({ error }) => (error ? connectError(error) : "ended well");

// The message in base64url, without padding.
const connectGet = (api, method) =>
  fetch(`${api}/town.Town/${method}?connect=v1&encoding=proto&base64=1&message=aGVsbG8`).then(connectOutcome);
