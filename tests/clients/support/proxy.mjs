// The specproxy in front of a sandbox, if `run-through-proxy.mjs` asks for it.

import { appendFile } from "node:fs/promises";

import { freePort } from "./port.mjs";
import { Child } from "./process.mjs";

/** The variable that holds how to start it, as JSON. */
export const PROXY_VARIABLE = "NARU_TEST_SPECPROXY";

/** A running specproxy. */
export class Proxy {
  /**
   * Starts one before a server, or none.
   * @param {string} target
   */
  static async before(target) {
    const asked = process.env[PROXY_VARIABLE];
    if (!asked) return undefined;
    const { specproxy, references, report } = JSON.parse(asked);
    const address = `127.0.0.1:${await freePort()}`;
    const args = [specproxy, ...references, "--to", target, "--listen", address];
    const proxy = new Proxy(new Child("python3", ["-u", ...args]), `http://${address}`, report);
    await proxy.child.says("stdout", "specproxy:");
    return proxy;
  }

  /**
   * @param {Child} child
   * @param {string} url
   * @param {string} report
   */
  constructor(child, url, report) {
    this.child = child;
    this.url = url;
    this.report = report;
  }

  /** Stops it and adds what it saw to the report. */
  async stop() {
    const summary = await (await fetch(`${this.url}/__specproxy`)).text();
    await appendFile(this.report, `${summary}\n`);
    await this.child.stop();
  }
}
