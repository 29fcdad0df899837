// Drives the system's Chromium for a test: a command comes in as a line of JSON, and its answer goes out as one.
//
//   node browse.mjs DIRECTORY CHROMIUM
//
//   { id, open: URL }                            a new tab with the page; answers its number
//   { id, tab, call: FUNCTION, argument }        calls a function of the page; answers what it gives
//   { id, forget: true }                         forgets the addresses of hosts, as time does
//   → answer ID { value } or answer ID { error }
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [directory, executablePath] = process.argv.slice(2);
const browser = await chromium.launchPersistentContext(directory, {
  executablePath,
  chromiumSandbox: process.getuid?.() !== 0, // which root cannot have
  args: [
    "--disable-gpu",
    "--disable-quic",
    // Silent: no name is looked up but those of the tests.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE *.example",
  ],
});
const tabs = [];

async function open(url) {
  const tab = await browser.newPage();
  await tab.goto(url);
  return tabs.push(tab) - 1;
}

async function forget() {
  const tab = await browser.newPage();
  await tab.goto("chrome://net-internals/#dns");
  await tab.click("#dns-view-clear-cache");
  await tab.goto("chrome://net-internals/#sockets");
  await tab.click("#sockets-view-flush-button");
  await tab.close();
}

const run = async (command) =>
  command.open ? open(command.open)
  : command.forget ? forget()
  : tabs[command.tab].evaluate(([call, argument]) => globalThis.eval(call)(argument), [command.call, command.argument]);

console.log(`ready ${browser.browser()?.version() ?? ""}`);
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const answer = await run(command).then((value) => ({ value: value ?? null }), (error) => ({ error: `${error}` }));
  console.log(`answer ${command.id} ${JSON.stringify(answer)}`);
}
await browser.close();
