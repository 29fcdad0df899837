// LanceDB, which reaches storage by Rust's object_store, with the storage options of docs/clients.md.
import { NAMES, attempt, container, content, documented, load, run, sha256 } from "./report.mjs";

const lancedb = load("@lancedb/lancedb");
const storageOptions = JSON.parse(documented);
const connect = (path) => lancedb.connect(`az://${container}/${path}`, { storageOptions });
const db = await connect("db");
const rows = (count, from = 0) => Array.from({ length: count }, (_, at) => ({ id: from + at, text: `row ${from + at}` }));

/** The kind of error alone: the text has addresses and durations. */
function failure(error) {
  const text = String(error.message);
  const kind = /already exists|was not found|does not exist/.exec(text);
  return kind ? { error: kind[0] } : { message: text.slice(0, 600) };
}

const read = async (query) => (await query.toArray()).map((row) => row.toJSON());

const operations = {
  async "put-get"() {
    await db.createTable("people", rows(1000));
    const table = await db.openTable("people");
    const seen = await read(table.query());
    return { count: await table.countRows(), same: JSON.stringify(seen) === JSON.stringify(rows(1000)), version: await table.version() };
  },

  async range() {
    const table = await db.openTable("people");
    return { some: await read(table.query().select(["id"]).offset(500).limit(3)), where: await read(table.query().where("id = 77")) };
  },

  async staged() {
    const bytes = content(70 << 20).toString("latin1");
    const pieces = Array.from({ length: 70 }, (_, at) => ({ id: at, text: bytes.slice(at << 20, (at + 1) << 20) }));
    const table = await db.createTable("large", pieces);
    const seen = (await read(table.query())).sort((one, other) => one.id - other.id).map((row) => row.text).join("");
    await db.dropTable("large");
    return { rows: pieces.length, same: sha256(seen) === sha256(bytes) };
  },

  async list() {
    await db.createTable("second", rows(1));
    return { tables: await db.tableNames(), versions: (await (await db.openTable("people")).listVersions()).map((version) => version.version) };
  },

  async delete() {
    await db.dropTable("second");
    return { tables: await db.tableNames(), open: await attempt(() => db.openTable("second"), failure) };
  },

  // Each commit creates a manifest under the condition that it does not exist yet.
  async conditional() {
    await db.createTable("shared", rows(1));
    const writers = await Promise.all([1, 2, 3].map(async () => (await connect("db")).openTable("shared")));
    await Promise.all(writers.map((table, at) => table.add(rows(1, at + 1))));
    return { count: await (await db.openTable("shared")).countRows(), again: await attempt(() => db.createTable("shared", rows(1)), failure) };
  },

  async names() {
    const same = {};
    for (const name of NAMES.filter((name) => !/[%#?[]|\/\//.test(name))) {
      const folder = await connect(`names/${name}`);
      await folder.createTable("people", rows(3));
      same[name] = (await (await folder.openTable("people")).countRows()) === 3;
    }
    return { same };
  },

  // Dropping a table deletes its files by batches. object_store's boundary is random base64: of 20, some have a slash.
  async batch() {
    const table = await db.createTable("many", rows(1));
    for (let added = 1; added < 100; added++) await table.add(rows(1, added));
    const before = await table.version();
    await db.dropTable("many");
    for (let at = 0; at < 20; at++) await (await db.createTable(`small${at}`, rows(1)), db.dropTable(`small${at}`));
    return { before, tables: await db.tableNames(), again: await (await db.createTable("many", rows(1))).version() };
  },
};

await run(operations, failure);
process.exit(0);
