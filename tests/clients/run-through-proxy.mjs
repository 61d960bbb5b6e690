// Runs the story tests with every answer held against reference documents. By hand: the proxy and
// the documents are not part of this repository.
//
//   node run-through-proxy.mjs --specproxy PATH --spec PATH [--also PATH …]
//   node run-through-proxy.mjs --specproxy PATH --spec PATH --v1     the stories of V1
//
// Fails if a test does, or if an answer is neither what the documents list nor one that is allowed
// everywhere.

import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { Child } from "./support/process.mjs";
import { PROXY_VARIABLE } from "./support/proxy.mjs";

/** How long all story tests may take. */
const STORY_MS = 600_000;
/** Answers that every operation may give, whatever the documents list. */
const ALLOWED = [
  /→ 409 .*"IDEMPOTENCY_OUTSTANDING_REQUEST"/,
  /→ 413 {2}status not listed/,
  /→ 500 {2}status not listed/,
  /→ 503 {2}status not listed/,
];

const { values } = parseArgs({
  options: {
    specproxy: { type: "string" },
    spec: { type: "string" },
    also: { type: "string", multiple: true, default: [] },
    v1: { type: "boolean", default: false },
  },
});
if (!values.specproxy || !values.spec) {
  console.error("error: `--specproxy PATH` and `--spec PATH` must be given");
  process.exit(2);
}

const directory = await mkdtemp(join(tmpdir(), "naru-specproxy-"));
const report = join(directory, "report.jsonl");
const references = ["--spec", resolve(values.spec)];
for (const also of values.also ?? []) references.push("--also", resolve(also));
// V1 sends null for what does not apply.
if (values.v1) references.push("--nulls");
const asked = { specproxy: resolve(values.specproxy), references, report };

const stories = (await readdir(import.meta.dirname ?? new URL(".", import.meta.url)))
  .filter((name) => /^story-.*\.test\.mjs$/.test(name))
  .filter((name) => /^story-v1\b/.test(name) === values.v1)
  .map((name) => new URL(name, import.meta.url).pathname);
const tests = new Child(process.execPath, ["--test", ...stories], {
  ...process.env,
  [PROXY_VARIABLE]: JSON.stringify(asked),
});
const { code } = await tests.end(STORY_MS);
const summaries = (await readFile(report, "utf8"))
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
await rm(directory, { recursive: true });

/** @type {Record<string, Record<string, number>>} */
const seen = {};
for (const { operations } of summaries) {
  for (const [operation, statuses] of Object.entries(operations)) {
    const row = (seen[operation] ??= {});
    for (const [status, count] of Object.entries(statuses))
      row[status] = (row[status] ?? 0) + count;
  }
}
for (const [operation, statuses] of Object.entries(seen).sort()) {
  const counts = Object.entries(statuses).map(([status, count]) => `${status}×${count}`);
  console.log(operation, counts.join(" "));
}
const rows = summaries.flatMap((summary) => summary.rows);
const violations = rows.filter((row) => !ALLOWED.some((allowed) => allowed.test(row)));
for (const row of violations) console.log(row);
if (code !== 0) console.log(tests.stdout);
const operations = Object.keys(seen).length;
console.log(
  `${operations} operations seen, ${violations.length} violations, ` +
    `${rows.length - violations.length} answers that are allowed everywhere; ` +
    `tests ${code === 0 ? "passed" : "failed"}`,
);
process.exitCode = code === 0 && violations.length === 0 && operations > 0 ? 0 : 1;
