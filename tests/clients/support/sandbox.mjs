// A sandbox of a test's own: free ports, a directory of its own, stopped by its id.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PortOneClient } from "@portone/server-sdk";

import { Child, run } from "./process.mjs";
import { Proxy } from "./proxy.mjs";
import { Simulator } from "./simulator.mjs";

/** The binary under test. */
export const NARU =
  process.env.NARU_BIN ?? fileURLToPath(new URL("../../../target/debug/naru", import.meta.url));

/** How long a file's tests may take, on a busy machine. */
export const TEST_MS = 120_000;
/** The last words of a sandbox's greeting. */
const GREETING_END = "try it:";

/**
 * Something with hooks that run when it ends: a test's context.
 * @typedef {{after: (done: () => unknown) => void}} Ending
 */

/**
 * A directory that is removed after a test.
 * @param {Ending} t
 */
export async function temporaryDirectory(t) {
  const directory = await mkdtemp(join(tmpdir(), "naru-clients-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/**
 * Starts a sandbox that ends with its test.
 * @param {Ending} t
 * @param {{env?: NodeJS.ProcessEnv, expectedError?: RegExp}} [options] which error the log may hold
 */
export async function startSandbox(t, { env, expectedError } = {}) {
  const data = await mkdtemp(join(tmpdir(), "naru-clients-"));
  const sandbox = new Sandbox(data, env);
  sandbox.expectedError = expectedError;
  t.after(async () => {
    try {
      await sandbox.stop();
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  });
  await sandbox.start();
  return sandbox;
}

/** One sandbox, over any number of starts. */
export class Sandbox {
  /** What all its processes logged, as far as they have ended. */
  logs = "";
  /** @type {RegExp | undefined} */
  expectedError;
  /** @type {Child | undefined} */
  #child;
  /** @type {Proxy | undefined} */
  #proxy;

  /**
   * @param {string} data
   * @param {NodeJS.ProcessEnv} [env]
   */
  constructor(data, env) {
    this.data = data;
    this.env = { ...process.env, ...env };
  }

  /** Starts it and waits until it is ready. */
  async start() {
    const child = new Child(
      NARU,
      ["sandbox", "--listen", "127.0.0.1:0", "--data", this.data],
      this.env,
    );
    this.#child = child;
    await child.says("stdout", GREETING_END);
    const file = JSON.parse(await readFile(join(this.data, "sandbox.json"), "utf8"));
    if (file.pid !== child.pid) throw new Error(`sandbox.json is of process ${file.pid}`);
    this.file = file;
    this.simulator = new Simulator(file.simulator.url);
    this.storeId = file.v2.storeId;
    this.secret = file.v2.webhookSecret;
    this.channel = file.channels[0].key;
    this.#proxy = await Proxy.before(file.v2.url);
    /** Where clients call V2. */
    this.url = this.#proxy?.url ?? file.v2.url;
    const ready = await fetch(`${file.console.url}/health/ready`);
    if (ready.status !== 200) throw new Error(`not ready: ${await ready.text()}`);
  }

  get pid() {
    return this.#child?.pid ?? 0;
  }

  /**
   * The official SDK's client.
   * @param {{secret?: string, storeId?: string}} [options]
   */
  client({ secret = this.file.v2.apiSecret, storeId } = {}) {
    return PortOneClient({ secret, storeId, baseUrl: this.url });
  }

  /** The official SDK's client, past a contract checker that knows V1 alone. */
  v2Client() {
    return PortOneClient({ secret: this.file.v2.apiSecret, baseUrl: this.file.v2.url });
  }

  /**
   * A call without the SDK.
   * @param {string} path
   * @param {RequestInit & {authorization?: string}} [options]
   */
  async call(path, { authorization = `PortOne ${this.file.v2.apiSecret}`, ...init } = {}) {
    const headers = { authorization, ...init.headers };
    const response = await fetch(new URL(path, this.url), { ...init, headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /**
   * A command line against it; fails if the command does.
   * @param {...string} args
   */
  async naru(...args) {
    const done = await this.tryNaru(...args);
    if (done.code !== 0) throw new Error(`\`naru ${args.join(" ")}\`: ${done.stderr}`);
    return done.stdout;
  }

  /**
   * A command line against it.
   * @param {...string} args
   */
  async tryNaru(...args) {
    return run(NARU, [...args, "--data", this.data], this.env);
  }

  /**
   * The JSON that a command prints.
   * @param {...string} args
   */
  async json(...args) {
    return JSON.parse(await this.naru(...args, "--json"));
  }

  /** kill -9. */
  async kill() {
    await this.#ending("SIGKILL");
  }

  /** SIGTERM; complains if it does not end well, or logged an error. */
  async stop() {
    const ended = await this.#ending("SIGTERM");
    if (ended && ended.code !== 0) {
      throw new Error(`the sandbox ended with ${ended.code ?? ended.signal}: ${this.logs}`);
    }
    const errors = this.logs
      .split("\n")
      .filter((line) => line.includes('"level":"ERROR"') && !this.expectedError?.test(line));
    if (errors.length === 0) return;
    // A test that has failed already would hide what a hook throws.
    console.error(errors.join("\n"));
    throw new Error("the sandbox logged errors");
  }

  /** @param {NodeJS.Signals} signal */
  async #ending(signal) {
    const child = this.#child;
    this.#child = undefined;
    await this.#proxy?.stop();
    this.#proxy = undefined;
    if (!child) return undefined;
    try {
      return await child.stop(signal);
    } finally {
      this.stdout = child.stdout;
      this.logs += child.stderr;
    }
  }
}
