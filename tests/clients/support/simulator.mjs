// The simulated PG's controls.

import assert from "node:assert/strict";

/** See crates/pg-sim/README.md. */
export class Simulator {
  /** Business minus process clock, as far as this value has moved it. */
  offsetMs = 0;

  /** @param {string} url */
  constructor(url) {
    this.url = url;
  }

  /** The PG's own books. */
  async books() {
    return this.#call("GET", "/books?pg=inicis");
  }

  /**
   * The next calls go wrong.
   * @param {Record<string, unknown>} fault
   */
  async fault(fault) {
    return this.#call("POST", "/faults", fault);
  }

  /**
   * Moves the business clock.
   * @param {string} duration ISO 8601
   */
  async advance(duration) {
    return this.#move({ advance: duration });
  }

  /**
   * Sets the business clock.
   * @param {string} time RFC 3339
   */
  async set(time) {
    return this.#move({ set: time });
  }

  /** @param {Record<string, string>} move */
  async #move(move) {
    const moved = await this.#call("POST", "/clock", move);
    for (const follower of moved.followers) assert.equal(follower.ok, true, follower.error);
    this.offsetMs = moved.offsetMs;
    return moved;
  }

  /**
   * A customer pays in.
   * @param {string} account
   * @param {number} [amount]
   */
  async deposit(account, amount) {
    return this.#call("POST", `/virtual-accounts/${account}/deposit`, { amount });
  }

  /**
   * A virtual account and what was paid into it.
   * @param {string} account
   */
  async account(account) {
    return this.#call("GET", `/virtual-accounts/${account}`);
  }

  /**
   * A customer at a payment window: what the browser brings back.
   * @param {Record<string, unknown>} window
   */
  async window(window) {
    return this.#call("POST", "/windows", window);
  }

  /** Who gets notices, and follows the clock. */
  async registrations() {
    return this.#call("GET", "/registrations");
  }

  /**
   * Sets where notices go.
   * @param {string} name
   * @param {Record<string, unknown>} registration
   */
  async register(name, registration) {
    return this.#call("PUT", `/registrations/${name}`, registration);
  }

  /**
   * The customer says of the goods of an escrow payment that they are kept, or not.
   * @param {string} pgTxId
   * @param {"confirm" | "reject"} word
   * @param {Record<string, unknown>} [fields]
   */
  async says(pgTxId, word, fields) {
    return this.#call("POST", `/escrows/${pgTxId}/${word}`, fields);
  }

  /**
   * Where the PG says that an escrow stands.
   * @param {string} pgTxId
   */
  async escrow(pgTxId) {
    return this.#call("GET", `/escrows/${pgTxId}`);
  }

  /**
   * Somebody cancels at the PG's console: no merchant's server hears of it.
   * @param {string} pgTxId
   * @param {number} amount
   */
  async cancelAtConsole(pgTxId, amount) {
    return this.#call("POST", "/console/cancel", { pgTxId, amount });
  }

  /**
   * The file of what is settled on a day: the PG's own, or our CSV.
   * @param {string} date
   * @param {string} [format]
   */
  async settlement(date, format = "inicis") {
    const response = await fetch(`${this.url}/settlements?date=${date}&format=${format}`);
    assert.ok(response.ok, `${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  /**
   * The one-time password that a phone got last.
   * @param {string} phone
   */
  async otp(phone) {
    return (await this.#call("GET", `/otp?phone=${phone}`)).otp;
  }

  /**
   * The owner of a phone answers the app.
   * @param {string} phone
   */
  async approve(phone) {
    return this.#call("POST", "/app-approvals", { phone });
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   */
  async #call(method, path, body) {
    const response = await fetch(this.url + path, { method, body: JSON.stringify(body) });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }
}
