// Plays rows, some beside each other, and says what each is left with in words.

const AT_A_TIME = 4;
const PATIENCE_MS = 8000;

async function playAll(rows, done) {
  const seen = [];
  const next = rows.values();
  const player = async () => {
    for (const [index, label, play] of next) seen.push([index, await played(label, play)]);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, player));
  done(seen);
}

async function played(label, play) {
  const late = wait(PATIENCE_MS).then(() => "no answer in time");
  const call = play(`https://${label}.example.com`, `https://${label}.test`);
  return Promise.race([call, late]).then(String, inWords);
}

// `fetch` rejects with a TypeError, whatever kept the page from the answer.
const inWords = (error) => (error instanceof TypeError ? "refused" : String(error));

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// What a call is left with, for those that go on after it.
const orRefused = (call) => call.catch(inWords);

// Sends every header of a list by every method, and says which statuses come back, and which headers of another list no
// page can read.
async function everything(api, methods, sent, exposed = "") {
  const said = [];
  for (const method of methods.split(",")) {
    const headers = Object.fromEntries(sent.split(",").map((name) => [name, "x"]));
    const response = await fetch(`${api}/everything?${exposed}`, { method, headers });
    const hidden = exposed.split(",").filter((name) => name && !response.headers.has(name));
    said.push([response.status, ...hidden.map((name) => `without ${name}`)].join(" "));
  }
  return said.join(" | ");
}

// A status, the body, and the headers of these names, such as `200 ok etag: "1"`.
async function read(response, ...names) {
  const headers = names.map((name) => `${name}: ${response.headers.get(name)}`);
  return [response.status, await response.text(), ...headers].filter((word) => word !== "").join(" ");
}
