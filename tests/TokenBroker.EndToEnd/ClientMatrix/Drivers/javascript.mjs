// @azure/storage-blob of JavaScript, as an application uses it: nothing is set but what docs/clients.md says. Each
// operation prints one JSON line: what the application's code saw.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";

// The packages lie where the tests have installed them, and not beside this file.
const require = createRequire(process.env.MATRIX_PACKAGES + "/package.json");
const { BlobClient, BlobSASPermissions } = require("@azure/storage-blob");
const lines = process.env.MATRIX_LINES.replace(/^import (\{.*\}) from (".*");$/gm, "const $1 = require($2);");
const service = new Function("require", lines + "\nreturn service;")(require);
const container = service.getContainerClient(process.env.MATRIX_CONTAINER);

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const content = (size) => Buffer.alloc(size, "tokenbroker ");
const inOneHour = () => new Date(Date.now() + 3600_000);

function failure(error) {
  if (error.statusCode === undefined) return { error: error.name, message: error.message };
  const headers = error.response?.headers;
  return { error: error.name, status: error.statusCode, code: headers?.get("x-ms-error-code") ?? null, reason: headers?.get("x-tokenbroker-reason") ?? null };
}

async function attempt(work) {
  try {
    await work();
    return "ok";
  } catch (error) {
    return failure(error);
  }
}

async function put(name, data = Buffer.from("some content"), options = {}) {
  const blob = container.getBlockBlobClient(name);
  await blob.upload(data, data.length, options);
  return blob;
}

const read = async (blob) => sha256(await blob.downloadToBuffer());

async function namesOf(items) {
  const names = [];
  for await (const item of items) names.push(item.kind === "prefix" ? item.name + " (prefix)" : item.name);
  return names.sort();
}

async function roundTrip(name) {
  const blob = await put(name, Buffer.from(name));
  return blob.name === name && (await read(blob)) === sha256(Buffer.from(name));
}

const NAMES = ["a space", "a+b", "100%", "50%2Fhalf", "a#b", "a?b=c", "grün/日本", "a//b", "trailing.", "a&b=c;d@e:f$g,h'(i)!j*k~l", "list/[x]"];
const source = async () => (await put("copy/a source", content(3000))).url;

async function signed(headers) {
  const blob = await put("signed link", content(2000), { blobHTTPHeaders: { blobContentType: "text/plain" } });
  const url = await blob.generateSasUrl({ permissions: BlobSASPermissions.parse("r"), expiresOn: inOneHour(), ...headers });
  const answer = await new BlobClient(url).download();
  const bytes = [];
  for await (const piece of answer.readableStreamBody) bytes.push(piece);
  return { sha256: sha256(Buffer.concat(bytes)), type: answer.contentType, disposition: answer.contentDisposition ?? null, cache: answer.cacheControl ?? null };
}

const operations = {
  async create() {
    const created = await container.create({ metadata: { purpose: "matrix" } });
    const properties = await container.getProperties();
    return { etag: Boolean(created.etag), metadata: properties.metadata, again: await attempt(() => container.create()) };
  },

  async "put-get"() {
    const data = content(100_000);
    const blob = container.getBlockBlobClient("put-get");
    const options = { metadata: { Colour: "blue" }, blobHTTPHeaders: { blobContentType: "text/x-matrix", blobCacheControl: "no-store" } };
    const written = await blob.upload(data, data.length, options);
    const seen = await blob.getProperties();
    return {
      same: (await read(blob)) === sha256(data), size: seen.contentLength, etag: seen.etag === written.etag, type: seen.blobType,
      contentType: seen.contentType, cache: seen.cacheControl, md5: Buffer.from(seen.contentMD5 ?? "").toString("hex"), metadata: seen.metadata,
    };
  },

  async range() {
    const blob = await put("range", content(50_000));
    const answer = await blob.download(1000, 5000);
    const bytes = [];
    for await (const piece of answer.readableStreamBody) bytes.push(piece);
    return { status: answer._response.status, sha256: sha256(Buffer.concat(bytes)), range: answer.contentRange };
  },

  async staged() {
    const data = content(70 << 20);
    const blob = container.getBlockBlobClient("staged");
    await blob.uploadData(data, { maxSingleShotSize: 4 << 20, blockSize: 4 << 20, concurrency: 4 });
    const { committedBlocks } = await blob.getBlockList("committed");
    const result = { blocks: committedBlocks.length, same: (await read(blob)) === sha256(data) };
    await blob.delete();
    return result;
  },

  async list() {
    for (const name of ["list/a", "list/b", "list/deep/c"]) await put(name, Buffer.from("1234"), { metadata: { of: "list" } });
    const pages = [];
    for await (const page of container.listBlobsFlat({ prefix: "list/", includeMetadata: true }).byPage({ maxPageSize: 2 }))
      pages.push(page.segment.blobItems.map((item) => [item.name, item.properties.contentLength, item.metadata]));
    return {
      pages, walk: await namesOf(container.listBlobsByHierarchy("/", { prefix: "list/" })),
      containers: await namesOf(service.listContainers({ prefix: container.containerName })),
    };
  },

  async delete() {
    const blob = await put("delete");
    await blob.delete();
    return { exists: await blob.exists(), again: await attempt(() => blob.delete()), get: await attempt(() => blob.download()) };
  },

  async snapshot() {
    const blob = await put("snapshot", Buffer.from("old"));
    const taken = await blob.createSnapshot();
    await put("snapshot", Buffer.from("new"));
    return {
      old: await read(blob.withSnapshot(taken.snapshot)), new: await read(blob),
      listed: (await namesOf(container.listBlobsFlat({ prefix: "snapshot", includeSnapshots: true }))).length,
      delete: [await attempt(() => blob.delete()), await attempt(() => blob.delete({ deleteSnapshots: "include" }))],
    };
  },

  async lease() {
    const blob = await put("lease");
    const held = blob.getBlobLeaseClient();
    const { leaseId } = await held.acquireLease(15);
    const result = {
      without: await attempt(() => put("lease")), with: await attempt(() => put("lease", Buffer.from("y"), { conditions: { leaseId } })),
      state: (await blob.getProperties()).leaseState, renew: await attempt(() => held.renewLease()),
      change: await attempt(() => held.changeLease("11111111-2222-3333-4444-555555555555")),
      second: await attempt(() => blob.getBlobLeaseClient().acquireLease(15)),
    };
    return { ...result, break: (await held.breakLease(0)).leaseTime, after: await attempt(() => put("lease")) };
  },

  async conditional() {
    const blob = await put("conditional");
    const { etag } = await blob.getProperties();
    const withCondition = (conditions) => attempt(() => put("conditional", Buffer.from("x"), { conditions }));
    return {
      notModified: await attempt(() => blob.download(0, undefined, { conditions: { ifNoneMatch: etag } })),
      since: await attempt(() => blob.download(0, undefined, { conditions: { ifModifiedSince: inOneHour() } })),
      exists: await withCondition({ ifNoneMatch: "*" }), wrong: await withCondition({ ifMatch: '"0x123"' }), right: await withCondition({ ifMatch: etag }),
    };
  },

  async tags() {
    const blob = await put("tags", undefined, { tags: { stage: "first" } });
    const first = (await blob.getTags()).tags;
    await blob.setTags({ stage: "second", "a b": "c+d" });
    return { first, second: (await blob.getTags()).tags, refused: await attempt(() => blob.delete({ conditions: { tagConditions: "\"stage\" = 'first'" } })) };
  },

  async append() {
    const blob = container.getAppendBlobClient("append");
    await blob.create();
    for (const part of ["one ", "two ", "three"]) await blob.appendBlock(part, part.length);
    const misplaced = () => blob.appendBlock("x", 1, { conditions: { appendPosition: 1 } });
    return { sha256: await read(blob), blocks: (await blob.getProperties()).blobCommittedBlockCount, position: await attempt(misplaced) };
  },

  async page() {
    const blob = container.getPageBlobClient("page");
    await blob.create(4096);
    await blob.uploadPages(content(1024), 512, 1024);
    await blob.clearPages(512, 512);
    const { pageRange } = await blob.getPageRanges();
    await blob.resize(8192);
    return { sha256: await read(blob), ranges: pageRange, size: (await blob.getProperties()).contentLength };
  },

  async names() {
    const same = {};
    for (const name of NAMES) same[name] = await roundTrip(name);
    return { same, listed: (await namesOf(container.listBlobsFlat())).filter((name) => NAMES.includes(name)) };
  },

  async "name-leading-slash"() {
    return { same: await roundTrip("/lead"), listed: (await namesOf(container.listBlobsFlat())).filter((name) => name.includes("lead")) };
  },

  async "name-backslash"() {
    return { same: await roundTrip("back\\slash"), listed: await namesOf(container.listBlobsFlat({ prefix: "back" })) };
  },

  async "name-dot-dot"() {
    await put("dots/kept/../gone");
    return { listed: await namesOf(container.listBlobsFlat({ prefix: "dots/" })) };
  },

  async "metadata-umlaut"() {
    return { metadata: (await (await put("metadata", undefined, { metadata: { note: "ü" } })).getProperties()).metadata };
  },

  async batch() {
    const blobs = Array.from({ length: 256 }, (_, number) => container.getBlockBlobClient(`batch/${number} of 256`));
    for (let i = 0; i < blobs.length; i += 16) await Promise.all(blobs.slice(i, i + 16).map((blob) => blob.upload("x", 1)));
    const batches = container.getBlobBatchClient();
    const deleted = await batches.deleteBlobs(blobs);
    const some = await batches.deleteBlobs([await put("batch/one"), container.getBlobClient("batch/none")]);
    const tiers = await batches.setBlobsAccessTier([await put("batch/tier")], "Cool");
    return {
      deleted: [deleted.subResponsesSucceededCount, deleted.subResponsesFailedCount], left: await namesOf(container.listBlobsFlat({ prefix: "batch/" })),
      some: some.subResponses.map((part) => [part.status, part.errorCode ?? null]), tiers: tiers.subResponses.map((part) => part.status),
    };
  },

  async copy() {
    const target = container.getBlobClient("copy/target");
    const poller = await target.beginCopyFromURL(await source(), { metadata: { copied: "yes" } });
    const { copyStatus } = await poller.pollUntilDone();
    return { status: copyStatus, sha256: await read(target), metadata: (await target.getProperties()).metadata };
  },

  async "copy-sync"() {
    const target = container.getBlobClient("copy/synchronous");
    const { copyStatus } = await target.syncCopyFromURL(await source());
    return { status: copyStatus, sha256: await read(target) };
  },

  async "put-from-url"() {
    await container.getBlockBlobClient("from-url").syncUploadFromURL(await source());
  },

  async "block-from-url"() {
    await container.getBlockBlobClient("from-url/blocks").stageBlockFromURL("MDE=", await source());
  },

  async "append-from-url"() {
    const target = container.getAppendBlobClient("from-url/append");
    await target.create();
    await target.appendBlockFromURL(await source(), 0, 3000);
  },

  async "page-from-url"() {
    const target = container.getPageBlobClient("from-url/page");
    await target.create(512);
    await target.uploadPagesFromURL(await source(), 0, 0, 512);
  },

  sas: () => signed({}),

  "sas-headers": () => signed({ contentType: "text/x-other", contentDisposition: 'attachment; filename="a b.txt"', cacheControl: "max-age=5" }),

  async "delegation-key"() {
    return { value: Boolean((await service.getUserDelegationKey(new Date(Date.now() - 300_000), inOneHour())).value) };
  },

  async "account-info"() {
    const { skuName, accountKind } = await service.getAccountInfo();
    return { skuName, accountKind };
  },

  async acl() {
    const policy = { startsOn: new Date("2026-01-01T00:00:00Z"), expiresOn: new Date("2030-01-01T00:00:00Z"), permissions: "r" };
    await container.setAccessPolicy(undefined, [{ id: "readers", accessPolicy: policy }]);
    return { policies: (await container.getAccessPolicy()).signedIdentifiers.map((identifier) => identifier.id) };
  },
};

for (const [operation, run] of Object.entries(operations)) {
  const result = await run().then((value) => ({ ok: true, ...value }), (error) => ({ ok: false, ...failure(error) }));
  console.log(JSON.stringify({ operation, ...result }));
}
