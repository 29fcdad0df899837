// Apache OpenDAL with the lines of docs/clients.md.
import { NAMES, attempt, container, content, evaluate, load, run, sha256 } from "./report.mjs";

const operator = evaluate("operator", (lines) => lines.replace('container: "container"', `container: "${container}"`));

/** What an error says of storage's answer, which it holds as text. */
function failure(error) {
  const header = (name) => new RegExp(`"${name}": "([^"]+)`).exec(error.message)?.[1] ?? null;
  const status = /status: (\d{3})/.exec(error.message)?.[1];
  return status ? { status: Number(status), code: header("x-ms-error-code"), reason: header("x-tokenbroker-reason") } : { message: error.message.split(" at ")[0] };
}

const fails = (work) => attempt(work, failure);
const put = (name, data = Buffer.from("some content"), options = {}) => operator.write(name, data, options);
const listed = async (path, options = { recursive: true }) => (await operator.list(path, options)).map((entry) => entry.path()).sort();

async function roundTrip(name) {
  await put(name, Buffer.from(name));
  return (await operator.read(name)).toString() === name;
}

const operations = {
  async "put-get"() {
    const data = content(100_000);
    await put("put-get", data, { contentType: "text/x-matrix", cacheControl: "no-store", contentDisposition: "attachment" });
    const seen = await operator.stat("put-get");
    return {
      same: sha256(await operator.read("put-get")) === sha256(data), size: Number(seen.contentLength), type: seen.contentType,
      disposition: seen.contentDisposition, md5: seen.contentMd5, etag: Boolean(seen.etag), file: seen.isFile(),
    };
  },

  async range() {
    await put("range", content(50_000));
    const reader = await operator.reader("range");
    const buffer = Buffer.alloc(5000);
    let size = 0;
    // One read gives what one piece of the answer held, which may be less than the buffer takes.
    for (let count = -1; count !== 0 && size < buffer.length; size += count) count = Number(await reader.read(buffer.subarray(size)));
    return { size, sha256: sha256(buffer) };
  },

  async staged() {
    const data = content(70 << 20);
    const writer = await operator.writer("staged", { chunk: BigInt(4 << 20) });
    for (let at = 0; at < data.length; at += 10 << 20) await writer.write(data.subarray(at, at + (10 << 20)));
    await writer.close();
    const same = sha256(await operator.read("staged")) === sha256(data);
    await operator.delete("staged");
    return { same };
  },

  async list() {
    for (const name of ["list/a", "list/b", "list/deep/c"]) await put(name, Buffer.from("1234"));
    return { all: await listed("list/"), pages: await listed("list/", { recursive: true, limit: 1 }), walk: await listed("list/", {}) };
  },

  async delete() {
    await put("delete");
    await operator.delete("delete");
    return { exists: await operator.isExist("delete"), again: await fails(() => operator.delete("delete")), get: await fails(() => operator.read("delete")) };
  },

  async append() {
    for (const part of ["one ", "two ", "three"]) await operator.write("append", part, { append: true });
    return { content: (await operator.read("append")).toString() };
  },

  async names() {
    const same = {};
    for (const name of NAMES) same[name] = await roundTrip(name);
    return { same, listed: (await listed("")).filter((name) => NAMES.includes(name)) };
  },

  async "name-leading-slash"() {
    return { same: await roundTrip("/lead"), listed: (await listed("")).filter((name) => name.includes("lead")) };
  },

  async "name-backslash"() {
    return { same: await roundTrip("back\\slash"), listed: (await listed("")).filter((name) => name.startsWith("back")) };
  },

  async "name-dot-dot"() {
    await put("dots/kept/../gone");
    return { listed: await listed("dots/") };
  },

  async batch() {
    const names = Array.from({ length: 256 }, (_, number) => `batch/${number} of 256`);
    for (let at = 0; at < names.length; at += 16) await Promise.all(names.slice(at, at + 16).map((name) => put(name)));
    await put("batch/more/kept");
    await operator.remove(names);
    const left = await listed("batch/");
    await operator.removeAll("batch/");
    return { left, after: await listed("batch/") };
  },

  async copy() {
    await put("copy/a source", content(3000));
    await operator.copy("copy/a source", "copy/target");
    return { sha256: sha256(await operator.read("copy/target")) };
  },

  async sas() {
    await put("signed link", content(2000));
    const { method, url, headers } = await operator.presignRead("signed link", 3600);
    // A plain HTTP client, which sends no x-ms-version.
    const answer = await fetch(url, { method, headers });
    const of = (name) => answer.headers.get(name);
    return answer.ok
      ? { sha256: sha256(Buffer.from(await answer.arrayBuffer())) }
      : { ok: false, status: answer.status, code: of("x-ms-error-code"), reason: of("x-tokenbroker-reason") };
  },
};

await run(operations, failure);
