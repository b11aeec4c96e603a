// A frame of this page under a service worker that passes on what is fetched.

async function throughWorker(url) {
  const registration = await navigator.serviceWorker.register("/worker.js", { scope: "/worked/" });
  await activated(registration.installing ?? registration.waiting ?? registration.active);
  const frame = document.createElement("iframe");
  frame.src = "/worked/";
  document.body.append(frame);
  await new Promise((resolve) => (frame.onload = resolve));
  const passed = async () => Number(await (await frame.contentWindow.fetch("/worked/passed")).text());
  const before = await passed();
  const seen = await frame.contentWindow.fetch(url).then((response) => response.text(), () => "refused");
  return `${seen}, ${(await passed()) - before} passed on`;
}

const activated = (worker) =>
  new Promise((resolve) => {
    const look = () => worker.state === "activated" && resolve();
    worker.onstatechange = look;
    look();
  });
