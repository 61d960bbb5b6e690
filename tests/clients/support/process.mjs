// Processes that tests start: always stopped by their id, whatever happens to the test.

import { spawn } from "node:child_process";
import { once } from "node:events";

/** How long a process may take to end after SIGTERM. */
const STOP_MS = 20_000;

/** @type {Set<import("node:child_process").ChildProcess>} */
const alive = new Set();
process.on("exit", () => alive.forEach((child) => child.kill("SIGKILL")));

/**
 * A child process whose output is kept.
 */
export class Child {
  /** What it wrote so far. */
  stdout = "";
  stderr = "";
  #ended;

  /**
   * @param {string} program
   * @param {string[]} args
   * @param {NodeJS.ProcessEnv} [env]
   */
  constructor(program, args, env = process.env) {
    this.words = [program, ...args].join(" ");
    this.process = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    alive.add(this.process);
    this.process.stdout.setEncoding("utf8").on("data", (text) => (this.stdout += text));
    this.process.stderr.setEncoding("utf8").on("data", (text) => (this.stderr += text));
    this.#ended = once(this.process, "close").then(([code, signal]) => {
      alive.delete(this.process);
      return { code, signal };
    });
  }

  /** @returns {number} */
  get pid() {
    return this.process.pid ?? 0;
  }

  /**
   * Waits until one of its outputs holds a text.
   * @param {"stdout" | "stderr"} output
   * @param {string} text
   * @param {number} [withinMs]
   */
  async says(output, text, withinMs = 30_000) {
    const heard = () => this[output].includes(text);
    const said = new Promise((resolve) => {
      const listen = () => heard() && resolve(undefined);
      this.process[output]?.on("data", listen);
      listen();
    });
    const ended = this.#ended.then(() => {
      if (!heard()) throw new Error(`\`${this.words}\` ended: ${this.stderr || this.stdout}`);
    });
    await within(withinMs, `\`${this.words}\` to say \`${text}\``, Promise.race([said, ended]));
  }

  /**
   * Waits for its end.
   * @param {number} [withinMs]
   * @returns {Promise<{code: number | null, signal: string | null}>}
   */
  async end(withinMs = STOP_MS) {
    return within(withinMs, `\`${this.words}\` to end`, this.#ended);
  }

  /**
   * Asks it to end, and waits.
   * @param {NodeJS.Signals} [signal]
   */
  async stop(signal = "SIGTERM") {
    if (alive.has(this.process)) this.process.kill(signal);
    try {
      return await this.end();
    } catch (error) {
      this.process.kill("SIGKILL");
      throw error;
    }
  }
}

/**
 * Runs a program to its end.
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
export async function run(program, args, env) {
  const child = new Child(program, args, env);
  const { code } = await child.end(60_000);
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/**
 * A promise with a bound.
 * @template T
 * @param {number} ms
 * @param {string} what
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export async function within(ms, what, promise) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms);
  });
  try {
    return /** @type {T} */ (await Promise.race([promise, late]));
  } finally {
    clearTimeout(timer);
  }
}
