// What an application does with the JavaScript SDK: nothing is set but the connection string. Prints "ready", does what
// it was asked for once a line comes in, and prints the SHA-256 of what it read or wrote. Any error ends it with code 1.
//
//   node client.mjs get|put|staged CONTAINER BLOB SIZE
import { createHash } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { BlobServiceClient } from "@azure/storage-blob";

const [operation, container, name, size] = process.argv.slice(2);
const service = BlobServiceClient.fromConnectionString(process.env.AZURE_STORAGE_CONNECTION_STRING);
const blob = service.getContainerClient(container).getBlockBlobClient(name);
const bytes = operation === "get" ? undefined : Buffer.alloc(Number(size), `${name} `);

const lines = createInterface({ input: process.stdin });
console.log("ready");
await new Promise((resolve) => lines.once("line", resolve));
lines.close();

const operations = {
  get: () => blob.downloadToBuffer(0, Number(size)),
  put: () => blob.upload(bytes, bytes.length).then(() => bytes),
  staged: () => blob.uploadData(bytes, { maxSingleShotSize: 4 * 1024 * 1024, blockSize: 4 * 1024 * 1024, concurrency: 2 }).then(() => bytes),
};
const content = await operations[operation]();
console.log("sha256 " + createHash("sha256").update(content).digest("hex"));
process.exit(0);
