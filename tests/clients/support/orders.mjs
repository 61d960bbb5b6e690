// What the tests order, as the SDK wants it.

import { randomUUID } from "node:crypto";

/** A payment id of its own. */
export const newId = () => `order-${randomUUID()}`;

/** A card that the simulator accepts. */
export const GOOD_CARD = "5409876543217715";

/** The customer fields that this PG asks for. */
export const customer = {
  id: "customer-1",
  name: { full: "홍길동" },
  email: "hong@shop.example",
  phoneNumber: "010-1234-5678",
};

/**
 * A method of payment by a typed-in card.
 * @param {string} [number]
 */
export const card = (number = GOOD_CARD) => ({
  card: {
    credential: {
      number,
      expiryYear: "30",
      expiryMonth: "12",
      birthOrBusinessRegistrationNumber: "900101",
      passwordTwoDigits: "12",
    },
  },
});

/** A method of payment by a virtual account. */
export const virtualAccount = () => ({
  virtualAccount: {
    bank: "SHINHAN",
    expiry: { validHours: 24 },
    option: { type: "NORMAL" },
    cashReceipt: { type: "PERSONAL", customerIdentityNumber: "01012345678" },
  },
});

/**
 * An instant payment of 1,000 won by card unless other fields are given.
 * @param {{channel: string}} sandbox
 * @param {Record<string, any>} [fields]
 */
export const instant = (sandbox, fields = {}) => ({
  paymentId: newId(),
  channelKey: sandbox.channel,
  orderName: "커피 두 잔",
  amount: { total: 1000 },
  currency: "KRW",
  customer,
  method: card(),
  ...fields,
});

/**
 * An error of the SDK with this body.
 * @param {string} type
 * @param {Record<string, unknown>} [fields]
 */
export const failsWith =
  (type, fields = {}) =>
  (/** @type {any} */ error) => {
    const seen = Object.fromEntries(
      ["type", ...Object.keys(fields)].map((key) => [key, error.data?.[key]]),
    );
    const wanted = { type, ...fields };
    if (JSON.stringify(seen) === JSON.stringify(wanted)) return true;
    throw new Error(
      `expected ${JSON.stringify(wanted)}, got ${JSON.stringify(error.data) ?? error.stack}`,
    );
  };
