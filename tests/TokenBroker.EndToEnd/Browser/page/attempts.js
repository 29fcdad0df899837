// Every way in which a page of the web can ask an address that is not its own. Each attempt gives what the page learned:
// an empty text if nothing. attack(target) makes them all.
//
// target: { files: { text, image, script, style, events }, write, header: [NAME, VALUE], mark }
//   header  what a client of the real address sends, and a page can only ask to send
//   mark    true adds the attempt's name to the address, so that a server of the test can tell who came
"use strict";

const LIMIT = 30_000;

/** All that a page is given of an answer. An opaque one has status 0, no headers and no body. */
async function learn(response) {
  const body = await response.text();
  return response.type === "opaque" ? body : [response.status, response.statusText, ...response.headers, body].join(" ");
}

const ask = (url, options) => fetch(url, { cache: "no-store", ...options }).then(learn);

function xhr(method, url, header) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.onload = () => resolve(`${request.status} ${request.getAllResponseHeaders()} ${request.responseText}`);
    request.onerror = reject;
    request.open(method, url);
    if (header) request.setRequestHeader(...header);
    request.send(method === "GET" ? null : "of the page");
  });
}

/** Adds an element that loads something, and asks for what it learned once it is there. */
function load(element, parent, learned) {
  return new Promise((resolve, reject) => {
    [element.onload, element.onerror] = [() => resolve(element), reject];
    parent.append(element);
  }).then(learned);
}

const make = (name, properties) => Object.assign(document.createElement(name), properties);
const textOf = (frame) => frame.contentDocument?.documentElement?.textContent ?? "";

function form(properties, mark) {
  return new Promise((resolve) => {
    const frame = make("iframe", { name: `frame-${Math.random()}` });
    document.body.append(frame); // with an empty page in it, which has loaded now
    frame.onload = () => resolve(frame);
    const sent = make("form", { target: frame.name, ...properties });
    sent.append(make("input", { type: "hidden", name: mark ? "attempt" : "", value: mark ?? "" }));
    document.body.append(sent);
    sent.submit();
  }).then(textOf);
}

/** A window of another origin throws as soon as it is there; one of this origin can be read. */
async function openWindow(url) {
  const opened = window.open(url);
  try {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (opened.location.href !== "about:blank" && opened.document.readyState === "complete") return opened.document.documentElement.textContent;
    }
  } catch {
    return "";
  } finally {
    opened.close();
  }
}

/** Runs a script in a frame without an origin, which says "null" for it. */
function sandboxed(url) {
  return new Promise((resolve) => {
    addEventListener("message", (event) => event.source === frame.contentWindow && resolve(event.data));
    const script = `fetch(${JSON.stringify(url)}).then(r => r.text()).catch(() => "").then(text => parent.postMessage(text, "*"))`;
    const frame = make("iframe", { sandbox: "allow-scripts", srcdoc: `<script>${script}<\/script>` });
    document.body.append(frame);
  });
}

function worker(url) {
  return new Promise((resolve, reject) => {
    const script = `try { importScripts(${JSON.stringify(url)}); postMessage(self.stolen ?? "") } catch (fault) { postMessage("") }`;
    const started = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
    [started.onmessage, started.onerror] = [(event) => resolve(event.data), reject];
  });
}

/** What a socket or a stream is told first. */
function listen(source) {
  return new Promise((resolve, reject) => {
    [source.onmessage, source.onerror] = [(event) => resolve(event.data), reject];
  }).finally(() => source.close());
}

const text = "text/plain;charset=UTF-8"; // one of the types that need no leave

/** name → (files, target) → what was learned */
const attempts = {
  "fetch GET": (files) => ask(files.text),
  "fetch GET with credentials": (files) => ask(files.text, { credentials: "include" }),
  "fetch GET without cors": (files) => ask(files.text, { mode: "no-cors" }),
  "fetch GET with the header": (files, { header }) => ask(files.text, { headers: [header] }),
  "fetch GET with the header without cors": (files, { header }) => ask(files.text, { mode: "no-cors", headers: [header] }),
  "fetch HEAD": (files) => ask(files.text, { method: "HEAD" }),
  "fetch HEAD without cors": (files) => ask(files.text, { method: "HEAD", mode: "no-cors" }),
  "fetch POST": (files) => ask(files.write, { method: "POST", body: "of the page", headers: { "content-type": text } }),
  "fetch POST without cors": (files) => ask(files.write, { method: "POST", mode: "no-cors", credentials: "include", body: "of the page" }),
  "fetch POST with the header": (files, { header }) => ask(files.write, { method: "POST", body: "of the page", headers: [header] }),
  "fetch PUT": (files) => ask(files.write, { method: "PUT", body: "of the page" }),
  "fetch PUT with the header": (files, { header }) => ask(files.write, { method: "PUT", body: "of the page", headers: [header, ["x-ms-blob-type", "BlockBlob"]] }),
  "fetch DELETE with the header": (files, { header }) => ask(files.text, { method: "DELETE", headers: [header] }),
  "XMLHttpRequest GET": (files) => xhr("GET", files.text),
  "XMLHttpRequest GET with the header": (files, { header }) => xhr("GET", files.text, header),
  "XMLHttpRequest POST": (files) => xhr("POST", files.write),
  "XMLHttpRequest PUT with the header": (files, { header }) => xhr("PUT", files.write, header),
  "form GET": (files, { mark }) => form({ method: "get", action: files.text }, mark),
  "form POST": (files, { mark }) => form({ method: "post", action: files.write }, mark),
  "form POST multipart": (files, { mark }) => form({ method: "post", action: files.write, enctype: "multipart/form-data" }, mark),
  "form POST text": (files, { mark }) => form({ method: "post", action: files.write, enctype: "text/plain" }, mark),
  "image": (files) => load(make("img", { src: files.image }), document.body, (image) => `${image.naturalWidth}x${image.naturalHeight}`),
  "script": (files) => load(make("script", { src: files.script }), document.head, () => window.stolen ?? ""),
  "stylesheet": (files) => load(make("link", { rel: "stylesheet", href: files.style }), document.head,
    () => getComputedStyle(document.documentElement).getPropertyValue("--stolen")),
  "iframe": (files) => load(make("iframe", { src: files.text }), document.body, textOf),
  "object": (files) => load(make("object", { type: "text/html", data: files.text }), document.body, textOf),
  "beacon": (files) => (navigator.sendBeacon(files.write, "of the page"), ""),
  "WebSocket": (files) => listen(new WebSocket(files.text.replace(/^http/, "ws"))),
  "EventSource": (files) => listen(new EventSource(files.events)),
  "worker's importScripts": (files) => worker(files.script),
  "frame without an origin": (files) => sandboxed(files.text),
  "window": (files) => openWindow(files.text),
};

async function attempt(name, run, target) {
  const mark = target.mark ? name : undefined;
  // A form brings a field of its own.
  const address = (url) => (mark && !name.startsWith("form") ? `${url}?attempt=${encodeURIComponent(mark)}` : url);
  const files = Object.fromEntries(Object.entries({ ...target.files, write: target.write }).map(([kind, url]) => [kind, address(url)]));
  const late = new Promise((resolve) => setTimeout(resolve, LIMIT, null));
  // A failure tells a page no more than that something failed.
  const learned = Promise.resolve().then(() => run(files, { header: target.header, mark })).catch(() => "");
  const read = await Promise.race([learned, late]);
  return { name, read: read ?? "", timedOut: read === null };
}

/** The window comes last: one that opens beside a frame of the same address now and then takes the frame's load event. */
async function attack(target) {
  const { window: last, ...others } = attempts;
  const made = await Promise.all(Object.entries(others).map(([name, run]) => attempt(name, run, target)));
  return [...made, await attempt("window", last, target)];
}

/**
 * Asks its own origin until a server answers: after DNS rebinding, the server that the name leads to now. A busy browser
 * sometimes never sends a request on a connection that it opened before, so each request has a limit.
 */
async function untilAnswered() {
  for (;;) {
    const learned = await ask(`/${Math.random()}`, { signal: AbortSignal.timeout(5_000) }).catch(() => "");
    if (learned) return learned;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
