// The SDK's files are plain JavaScript with JSDoc types; the compiler holds them to those.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const directory = fileURLToPath(new URL("../../sdk/browser/", import.meta.url));
const FILES = ["window.js", "errors.js", "v2.js", "v1.js"];

test("the browser SDK's types hold", () => {
  const args = ["--noEmit", "--allowJs", "--checkJs", "--strict", "--skipLibCheck"];
  const target = ["--target", "es2022", "--lib", "es2022,dom,dom.iterable"];
  const run = spawnSync(process.execPath, [compiler, ...args, ...target, ...FILES], {
    cwd: directory,
    encoding: "utf8",
  });
  assert.equal(run.status, 0, run.stdout + run.stderr);
});
