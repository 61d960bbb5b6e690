// A merchant's webhook receiver on loopback.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "@portone/server-sdk";
import { Webhook as StandardWebhook } from "standardwebhooks";

import { within } from "./process.mjs";

/** How long a webhook may take to arrive. */
const ARRIVAL_MS = 20_000;

/**
 * One delivery.
 * @typedef {{path: string, headers: import("node:http").IncomingHttpHeaders, raw: string[],
 *   body: string, json: any, taken: boolean}} Delivery
 */

/**
 * Opens a receiver that closes with its test. Everything is answered with 200 unless `answer`
 * says otherwise: a status, or a promise of one; it may never come.
 * @param {{after: (done: () => unknown) => void}} t
 * @param {(delivery: Delivery, count: number) => number | Promise<number>} [answer]
 */
export async function openReceiver(t, answer = () => 200) {
  const receiver = new Receiver(answer);
  // It keeps no test from ending whose hooks were not all run.
  receiver.server.unref().listen(0, "127.0.0.1");
  await once(receiver.server, "listening");
  t.after(() => receiver.close());
  return receiver;
}

/** A running receiver. */
export class Receiver {
  /** @type {Delivery[]} */
  deliveries = [];
  /** @type {Set<() => void>} */
  #waiting = new Set();

  /** @param {(delivery: Delivery, count: number) => number | Promise<number>} answer */
  constructor(answer) {
    this.server = createServer(async (request, response) => {
      const body = await text(request);
      const delivery = {
        path: request.url ?? "",
        headers: request.headers,
        raw: request.rawHeaders,
        body,
        json: parsed(body),
        taken: false,
      };
      this.deliveries.push(delivery);
      const status = answer(delivery, this.deliveries.length);
      this.#waiting.forEach((look) => look());
      response.writeHead(await status).end();
    });
  }

  /** @param {string} [path] */
  url(path = "/webhook") {
    const address = /** @type {import("node:net").AddressInfo} */ (this.server.address());
    return `http://127.0.0.1:${address.port}${path}`;
  }

  /**
   * The next delivery that has not been taken yet and fits.
   * @param {string | ((delivery: Delivery) => boolean)} wanted an event's type, or any test
   * @returns {Promise<Delivery>}
   */
  async next(wanted) {
    const fits =
      typeof wanted === "function"
        ? wanted
        : (/** @type {Delivery} */ one) => one.json?.type === wanted;
    /** @type {() => void} */
    let look = () => {};
    const found = new Promise((resolve) => {
      look = () => {
        const one = this.deliveries.find((delivery) => !delivery.taken && fits(delivery));
        if (!one) return;
        one.taken = true;
        this.#waiting.delete(look);
        resolve(one);
      };
      this.#waiting.add(look);
      look();
    });
    try {
      return await within(ARRIVAL_MS, `a webhook (${wanted})`, found);
    } catch (error) {
      const got = this.deliveries.map(
        (one) => `\n  ${one.taken ? "taken " : ""}${one.path} ${one.body}`,
      );
      throw new Error(
        `${/** @type {Error} */ (error).message}; received:${got.join("") || " nothing"}`,
      );
    } finally {
      this.#waiting.delete(look);
    }
  }

  /**
   * The next webhook of a type (version 2024-04-25) about something, verified.
   * @param {string} type
   * @param {string} subject a payment id or billing key
   * @param {string} secret
   */
  async hears(type, subject, secret) {
    const fits = (/** @type {Delivery} */ { json }) =>
      json?.type === type && (json.data.paymentId ?? json.data.billingKey) === subject;
    return verify(await this.next(fits), secret);
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** @param {string} body */
function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/**
 * Verifies a delivery with the SDK's own verifier and with the independent one; what was changed
 * on the way fails with both.
 * @param {Delivery} delivery
 * @param {string} secret
 */
export async function verify({ body, headers, raw }, secret) {
  const names = raw.filter((_, index) => index % 2 === 0);
  for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
    assert.equal(names.filter((one) => one === name).length, 1, `${name} once, in lower case`);
  }
  const signed = {
    "webhook-id": String(headers["webhook-id"]),
    "webhook-timestamp": String(headers["webhook-timestamp"]),
    "webhook-signature": String(headers["webhook-signature"]),
  };
  assert.match(signed["webhook-timestamp"], /^[1-9][0-9]*$/);
  const independent = new StandardWebhook(secret);
  const isJson = headers["content-type"] === "application/json";
  // Both parse JSON behind the signature, so a form can be verified by signing it again only.
  const seconds = Number(signed["webhook-timestamp"]);
  const again = independent.sign(signed["webhook-id"], new Date(seconds * 1000), body);
  assert.ok(signed["webhook-signature"].split(" ").includes(again), "signed as the oracle signs");
  const tampered = body.replace(/[0-9a-f](?=[^0-9a-f]*$)/, (last) => (last === "0" ? "1" : "0"));
  assert.notEqual(tampered, body);
  await assert.rejects(Webhook.verify(secret, tampered, signed), {
    reason: "NO_MATCHING_SIGNATURE",
  });
  assert.throws(() => independent.verify(tampered, signed), { name: "WebhookVerificationError" });
  const other = { ...signed, "webhook-id": `${signed["webhook-id"]}x` };
  await assert.rejects(Webhook.verify(secret, body, other), { reason: "NO_MATCHING_SIGNATURE" });
  if (!isJson) return undefined;
  const webhook = await Webhook.verify(secret, body, headers);
  assert.deepEqual(independent.verify(body, signed), webhook);
  return webhook;
}
