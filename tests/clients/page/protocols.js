// Protocols over fetch: tus, the Model Context Protocol, object stores, GraphQL.

// A client's whole way: it learns what the server can do, uploads in two parts with a mistake between, and takes it back.
async function tus(api) {
  const said = [];
  const call = async (method, url, headers, names, body) => {
    const all = { "tus-resumable": "1.0.0", ...headers };
    const response = await fetch(url, { method, headers: all, body });
    said.push(`${method} ${await read(response, ...names)}`);
    return response;
  };
  const append = (upload, offset, body) =>
    call("PATCH", upload, { "content-type": "application/offset+octet-stream", "upload-offset": offset }, ["upload-offset"], body);
  try {
    await call("OPTIONS", `${api}/files`, {}, ["tus-version", "tus-extension", "tus-max-size"]);
    const metadata = `filename ${btoa("a.txt")}`;
    const created = await call("POST", `${api}/files`, { "upload-length": "10", "upload-metadata": metadata }, ["tus-resumable"]);
    const location = created.headers.get("location");
    if (!location) throw Error("no location");
    const upload = new URL(location, api).href;
    await append(upload, "0", "hello");
    await append(upload, "3", "world");
    await call("HEAD", upload, {}, ["upload-offset", "upload-length"]);
    await append(upload, "5", "world");
    await call("DELETE", upload, {}, []);
  } catch (error) {
    said.push(inWords(error));
  }
  return said.join(" | ");
}

// A session of the Model Context Protocol, over streamable HTTP.
async function mcp(api) {
  const said = [];
  const version = "2025-06-18";
  let session;
  const call = async (method, message) => {
    const headers = { accept: "application/json, text/event-stream" };
    if (message) headers["content-type"] = "application/json";
    if (said.length) headers["mcp-protocol-version"] = version;
    if (session) headers["mcp-session-id"] = session;
    const body = message && JSON.stringify({ jsonrpc: "2.0", ...message });
    const response = await fetch(`${api}/mcp`, { method, headers, body });
    const answer = await response.text();
    // One event, JSON, or the words of who refuses it.
    const json = answer.match(/^data: (.*)$/m)?.[1] ?? answer;
    const result = json.startsWith("{") ? JSON.parse(json) : { error: { message: json } };
    session ??= response.headers.get("mcp-session-id") ?? undefined;
    said.push(`${response.status} ${told(result)}`.trim());
    return response.ok;
  };
  const told = ({ result, error }) => error?.message ?? result?.serverInfo?.name ?? result?.content?.[0].text ?? "";
  try {
    const client = { protocolVersion: version, capabilities: {}, clientInfo: { name: "page", version: "1" } };
    if (!(await call("POST", { id: 1, method: "initialize", params: client }))) return said.join(" | ");
    if (!(await call("POST", { method: "notifications/initialized" }))) return said.join(" | ");
    await call("POST", { id: 2, method: "tools/call", params: { name: "forecast", arguments: { city: "Oslo" } } });
    await call("DELETE");
  } catch (error) {
    said.push(inWords(error));
  }
  return said.join(" | ");
}

// With a URL that the page's own server has signed.
function upload(api, headers = {}) {
  const all = { "content-type": "image/png", "x-amz-meta-color": "blue", "x-amz-acl": "private", ...headers };
  const url = `${api}/bucket/photo?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0123`;
  return fetch(url, { method: "PUT", headers: all, body: "png" }).then((response) =>
    read(response, "etag", "x-amz-request-id", "x-amz-version-id"),
  );
}

const graphql = (api, headers = {}) =>
  fetch(`${api}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query: "{ city }" }),
  }).then((response) => read(response));

const graphqlByGet = (api, headers = {}) =>
  fetch(`${api}/graphql?query={city}`, { headers }).then((response) => read(response));
