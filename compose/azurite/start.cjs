// Runs Azurite's blob service and nothing else: no queue, no table, no telemetry client.
//
//   node start.cjs [--exit-with-stdin] [--blobHost HOST] [--blobPort PORT] [any option of `azurite-blob`]
//
// It differs from `azurite-blob` in three ways, each because that program cannot do it:
//  - with --exit-with-stdin it ends when its standard input closes, so that it never outlives its parent;
//  - it keeps idle connections for ten minutes. Azurite 3.35.0 reads the setting of --blobKeepAliveTimeout
//    under another name, so the option has no effect and a connection is closed after five seconds, which now
//    and then meets a request that was already on its way;
//  - the address that it prints holds the real port when port 0 was asked for.
"use strict";

const exitWithStdin = process.argv.includes("--exit-with-stdin");
process.argv = process.argv.filter((argument) => argument !== "--exit-with-stdin");

const { BlobServerFactory } = require("azurite/dist/src/blob/BlobServerFactory");
const BlobEnvironment = require("azurite/dist/src/blob/BlobEnvironment").default;
const { setExtentMemoryLimit } = require("azurite/dist/src/common/ConfigurationBase");
const { configLogger } = require("azurite/dist/src/common/Logger");

const KEEP_ALIVE_SECONDS = 600;
const CLOSE_LIMIT_MS = 2000;

async function main() {
  const environment = new BlobEnvironment();
  environment.blobKeepAliveTimeout = () => KEEP_ALIVE_SECONDS;
  const server = await new BlobServerFactory().createServer(environment);
  configLogger(server.config.enableDebugLog, server.config.debugLogFilePath);
  setExtentMemoryLimit(environment, false);
  await server.start();
  endWith(server);
  console.log(`Azurite Blob service successfully listens on ${server.getHttpServerAddress()}`);
}

function endWith(server) {
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(0), CLOSE_LIMIT_MS).unref();
    server.close().then(
      () => process.exit(0),
      () => process.exit(0));
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  if (exitWithStdin) {
    process.stdin.on("end", end).on("close", end).on("error", end).resume();
    // With the parent go the readers of our output: writing to them must not end in a stack trace.
    process.stdout.on("error", end);
    process.stderr.on("error", end);
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
