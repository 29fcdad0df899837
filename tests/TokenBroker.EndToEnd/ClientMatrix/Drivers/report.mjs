// What the JavaScript drivers of further packages have in common. Each operation prints one JSON line: what an
// application's code saw. Ids, dates and texts of errors that storage wrote are left out, since they differ between runs.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";

/** Loads a package from where the tests have installed it. */
export const load = createRequire(process.env.MATRIX_PACKAGES + "/package.json");

export const container = process.env.MATRIX_CONTAINER;
export const documented = process.env.MATRIX_LINES;
export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Bytes that repeat at no power of two, so that a misplaced block is noticed. */
export const content = (size) => Buffer.alloc(size, "tokenbroker ");

export const NAMES = ["a space", "a+b", "100%", "50%2Fhalf", "a#b", "a?b=c", "grün/日本", "a//b", "trailing.", "a&b=c;d@e:f$g,h'(i)!j*k~l", "list/[x]"];

/** The documented lines, changed as a reader would, as a program that returns a variable of theirs. */
export function evaluate(variable, change = (lines) => lines) {
  const program = change(documented).replace(/^import (\w+|\{.*\}) from (".*");$/gm, "const $1 = load($2);");
  return new Function("load", `${program}\nreturn ${variable};`)(load);
}

/** The result of something that may fail, as part of an operation's result. */
export async function attempt(work, failure) {
  try {
    await work();
    return "ok";
  } catch (error) {
    return failure(error);
  }
}

export async function run(operations, failure) {
  for (const [operation, work] of Object.entries(operations)) {
    const result = await work().then((value) => ({ ok: true, ...value }), (error) => ({ ok: false, ...failure(error) }));
    console.log(JSON.stringify({ operation, ...result }));
  }
}
