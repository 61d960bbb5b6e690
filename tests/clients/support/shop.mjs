// A merchant's site for tests in a browser: pages that load an SDK, and what was returned to.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const LOADER = createRequire(import.meta.url).resolve("@portone/browser-sdk/v2");
/** The package's module beside the CommonJS file that Node finds. */
const LOADER_MODULE = LOADER.replace(/\.cjs$/, ".js");

/** A running site. */
export class Shop {
  /** @param {string} server where Naru is */
  constructor(server) {
    this.naru = server;
    this.http = createServer(async (request, response) => {
      const path = new URL(request.url ?? "/", "http://shop").pathname;
      if (path === "/loader.js") {
        response.writeHead(200, { "content-type": "text/javascript" });
        response.end(await readFile(LOADER_MODULE));
        return;
      }
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end(this.#page(path));
    });
  }

  /**
   * Starts one that ends with its test.
   * @param {{after: (done: () => unknown) => void}} t
   * @param {string} server
   */
  static async start(t, server) {
    const shop = new Shop(server);
    shop.http.listen(0, "127.0.0.1");
    await once(shop.http, "listening");
    t.after(() => shop.http.close());
    return shop;
  }

  /** Another host than Naru's, so that its frames are of another site. */
  get origin() {
    const { port } = /** @type {import("node:net").AddressInfo} */ (this.http.address());
    return `http://localhost:${port}`;
  }

  /** @param {string} path */
  #page(path) {
    const sdk = `${this.naru}/v2/browser-sdk.js`;
    const head = {
      // The official package, pointed at us.
      "/loader": `<script type="module">
          import * as PortOne from "/loader.js";
          PortOne.__INTERNAL__setPortOneSdkUrl(${JSON.stringify(sdk)});
          window.sdk = PortOne;
        </script>`,
      "/script": `<script src="${sdk}"></script><script>window.sdk = window.PortOne;</script>`,
      "/module": `<script type="module">
          import PortOne, { requestPayment, errors } from "${this.naru}/v2/browser-sdk.esm.js";
          window.sdk = { ...PortOne, requestPayment, errors };
        </script>`,
      "/v1": `<script src="${this.naru}/v1/iamport.js"></script>
        <script>window.sdk = window.IMP; IMP.init("imp00000001");</script>`,
      // A page of old.
      "/v1-old": `<script src="${this.naru}/js/iamport.payment-1.1.8.js"></script>
        <script>window.sdk = window.IMP; IMP.init("imp00000001");</script>`,
      "/v1-module": `<script type="module">
          import IMP from "${this.naru}/v1/iamport.esm.js";
          IMP.init("imp00000001");
          window.sdk = IMP;
        </script>`,
      "/v1-nobody": `<script src="${this.naru}/v1/iamport.js"></script>
        <script>window.sdk = window.IMP; IMP.init("imp99999999");</script>`,
      "/v1-early": `<script src="${this.naru}/v1/iamport.js"></script>
        <script>window.sdk = window.IMP;</script>`,
      // A page in which much goes wrong.
      "/broken": `<script>window.onerror = () => true; throw new Error("the shop's own");</script>
        <script src="${sdk}"></script><script>window.sdk = window.PortOne; nothing();</script>
        <style>* { all: unset !important; } div, iframe { transform: none }</style>`,
    }[path];
    return `<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>상점</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">${head ?? ""}</head>
      <body><main><h1>상점</h1><button id="pay">주문하기</button></main></body></html>`;
  }
}
