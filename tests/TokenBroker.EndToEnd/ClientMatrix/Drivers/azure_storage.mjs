// The old package azure-storage, version 2.10.7, with the line of docs/clients.md.
import { NAMES, attempt, container, content, evaluate, load, run, sha256 } from "./report.mjs";

const storage = load("azure-storage");
const service = evaluate("service").withFilter(new storage.LinearRetryPolicyFilter(0));

/** A method of the service as a promise of its result. */
const call = (method, ...parameters) => new Promise((resolve, reject) =>
  service[method](...parameters, (error, result, response) => (error ? reject(error) : resolve(response === undefined && result?.statusCode ? { response: result } : Object.assign(Object(result), { response })))));

function failure(error) {
  if (error.statusCode === undefined) return { error: error.name, message: error.message };
  return { error: error.name, status: error.statusCode, code: error.code ?? null, reason: /tokenbroker: ([a-z-]+)/.exec(error.message)?.[1] ?? null };
}

const fails = (work) => attempt(work, failure);
const put = (name, data = "some content", options = {}) => call("createBlockBlobFromText", container, name, data, options);
const read = (name, options = {}) => new Promise((resolve, reject) => {
  const pieces = [];
  const stream = service.createReadStream(container, name, options);
  stream.on("error", reject).on("data", (piece) => pieces.push(piece)).on("end", () => resolve(sha256(Buffer.concat(pieces))));
});
const properties = (name) => call("getBlobProperties", container, name);
const listed = async (prefix, options = {}) =>
  (await call("listBlobsSegmentedWithPrefix", container, prefix, null, options)).entries.map((entry) => entry.name).sort();
const inOneHour = () => new Date(Date.now() + 3600_000);

async function roundTrip(name) {
  await put(name, name);
  return (await read(name)) === sha256(name);
}

async function signed(headers) {
  await put("signed link", content(2000), { contentSettings: { contentType: "text/plain" } });
  const policy = { AccessPolicy: { Permissions: "r", Expiry: inOneHour() } };
  const token = service.generateSharedAccessSignature(container, "signed link", policy, headers);
  const other = storage.createBlobServiceWithSas(service.host, token).withFilter(new storage.LinearRetryPolicyFilter(0));
  return new Promise((resolve, reject) => other.getBlobToText(container, "signed link", (error, text, blob) => (error ? reject(error) : resolve({
    sha256: sha256(text), type: blob.contentSettings.contentType, disposition: blob.contentSettings.contentDisposition ?? null, cache: blob.contentSettings.cacheControl ?? null,
  }))));
}

const operations = {
  async create() {
    await call("createContainer", container, { metadata: { purpose: "matrix" } });
    const seen = await call("getContainerProperties", container);
    return { metadata: seen.metadata, again: await fails(() => call("createContainer", container)) };
  },

  async "put-get"() {
    const data = content(100_000);
    const written = await put("put-get", data, { metadata: { colour: "blue" }, contentSettings: { contentType: "text/x-matrix", cacheControl: "no-store" } });
    const seen = await properties("put-get");
    return {
      same: (await read("put-get")) === sha256(data), size: seen.contentLength, etag: seen.etag === written.etag, type: seen.blobType,
      settings: seen.contentSettings, metadata: seen.metadata,
    };
  },

  async range() {
    await put("range", content(50_000));
    return { sha256: await read("range", { rangeStart: 1000, rangeEnd: 5999 }) };
  },

  async staged() {
    const data = content(70 << 20);
    const upload = service.createWriteStreamToBlockBlob(container, "staged", { blockSize: 4 << 20 });
    await new Promise((resolve, reject) => upload.on("error", reject).on("finish", resolve).end(data));
    const blocks = (await call("listBlocks", container, "staged", "committed")).CommittedBlocks.length;
    const same = (await read("staged")) === sha256(data);
    await call("deleteBlob", container, "staged");
    return { blocks, same };
  },

  async list() {
    for (const name of ["list/a", "list/b", "list/deep/c"]) await put(name, "1234", { metadata: { of: "list" } });
    const pages = [];
    let page = { continuationToken: null };
    do {
      page = await call("listBlobsSegmentedWithPrefix", container, "list/", page.continuationToken, { maxResults: 2, include: "metadata" });
      pages.push(page.entries.map((blob) => [blob.name, blob.contentLength, blob.metadata]));
    } while (page.continuationToken);
    const folders = (await call("listBlobDirectoriesSegmentedWithPrefix", container, "list/", null)).entries.map((folder) => folder.name);
    return { pages, folders, containers: (await call("listContainersSegmentedWithPrefix", container, null)).entries.map((one) => one.name) };
  },

  async delete() {
    await put("delete");
    await call("deleteBlob", container, "delete");
    return { exists: (await call("doesBlobExist", container, "delete")).exists, again: await fails(() => call("deleteBlob", container, "delete")) };
  },

  async snapshot() {
    await put("snapshot", "old");
    const taken = String(await call("createBlobSnapshot", container, "snapshot"));
    await put("snapshot", "new");
    return {
      old: await read("snapshot", { snapshotId: taken }), new: await read("snapshot"),
      listed: (await listed("snapshot", { include: "snapshots" })).length,
      delete: [
        await fails(() => call("deleteBlob", container, "snapshot")),
        await fails(() => call("deleteBlob", container, "snapshot", { deleteSnapshots: "include" })),
      ],
    };
  },

  async lease() {
    await put("lease");
    const { id } = await call("acquireLease", container, "lease", { leaseDuration: 15 });
    return {
      without: await fails(() => put("lease")), with: await fails(() => put("lease", "y", { leaseId: id })),
      state: (await properties("lease")).lease.state, renew: await fails(() => call("renewLease", container, "lease", id)),
      second: await fails(() => call("acquireLease", container, "lease", { leaseDuration: 15 })),
      break: await fails(() => call("breakLease", container, "lease", { leaseBreakPeriod: 0 })), after: await fails(() => put("lease")),
    };
  },

  async conditional() {
    await put("conditional");
    const { etag } = await properties("conditional");
    const withCondition = (accessConditions) => fails(() => put("conditional", "x", { accessConditions }));
    return {
      notModified: await fails(() => call("getBlobToText", container, "conditional", { accessConditions: { EtagNonMatch: etag } })),
      exists: await withCondition({ EtagNonMatch: "*" }), wrong: await withCondition({ EtagMatch: '"0x123"' }), right: await withCondition({ EtagMatch: etag }),
    };
  },

  async append() {
    await call("createOrReplaceAppendBlob", container, "append");
    for (const part of ["one ", "two ", "three"]) await call("appendBlockFromText", container, "append", part);
    return {
      sha256: await read("append"), blocks: (await properties("append")).committedBlockCount,
      position: await fails(() => call("appendBlockFromText", container, "append", "x", { appendPosition: 1 })),
    };
  },

  async page() {
    await call("createPageBlob", container, "page", 4096);
    const data = service.createWriteStreamToExistingPageBlob(container, "page");
    await new Promise((resolve, reject) => data.on("error", reject).on("finish", resolve).end(content(4096)));
    await call("clearPageRange", container, "page", 512, 1023);
    const ranges = await call("listPageRanges", container, "page");
    await call("resizePageBlob", container, "page", 8192);
    return { sha256: await read("page"), ranges: Array.from(ranges).map((range) => [range.start, range.end]), size: (await properties("page")).contentLength };
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
    return { same: await roundTrip("back\\slash"), listed: await listed("back") };
  },

  async "name-dot-dot"() {
    await put("dots/kept/../gone");
    return { listed: await listed("dots/") };
  },

  async "metadata-umlaut"() {
    await put("metadata", "x", { metadata: { note: "ü" } });
    return { metadata: (await properties("metadata")).metadata };
  },

  async copy() {
    await put("copy/a source", content(3000));
    const { copy } = await call("startCopyBlob", service.getUrl(container, "copy/a source"), container, "copy/target", { metadata: { copied: "yes" } });
    return { status: copy.status, sha256: await read("copy/target"), metadata: (await properties("copy/target")).metadata };
  },

  sas: () => signed({}),

  "sas-headers": () => signed({ contentType: "text/x-other", contentDisposition: 'attachment; filename="a b.txt"', cacheControl: "max-age=5" }),

  async acl() {
    await call("setContainerAcl", container, { readers: { Permissions: "r", Start: new Date("2026-01-01"), Expiry: new Date("2030-01-01") } });
    return { policies: Object.keys((await call("getContainerAcl", container)).signedIdentifiers) };
  },
};

await run(operations, failure);
