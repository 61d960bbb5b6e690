// Looks for secrets in whatever a server leaves behind, in every form it could have taken.

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * A secret and what it looks like.
 * @typedef {{name: string, forms: {form: string, pattern: RegExp}[]}} Canary
 */

/**
 * @param {string} name
 * @param {string} value
 * @returns {Canary}
 */
export function canary(name, value) {
  const bytes = Buffer.from(value);
  const percent = encodeURIComponent(value);
  const bytewise = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  /** @type {[string, string][]} */
  const texts = [
    ["plain", value],
    ["percent-encoded", percent],
    ["percent-encoded in lower case", percent.replace(/%../g, (code) => code.toLowerCase())],
    ["percent-encoded byte by byte", bytewise],
    ["hexadecimal", bytes.toString("hex")],
    ["hexadecimal in capitals", bytes.toString("hex").toUpperCase()],
    ["UTF-16", Buffer.from(value, "utf16le").toString("latin1")],
  ];
  for (let offset = 0; offset < 3; offset += 1) {
    const text = base64Within(bytes, offset);
    texts.push([`base64 at ${offset}`, text]);
    texts.push([`base64url at ${offset}`, text.replaceAll("+", "-").replaceAll("/", "_")]);
  }
  const forms = texts.map(([form, text]) => ({ form, pattern: wholeNumber(text) }));
  return { name, forms };
}

/**
 * A secret that is only known by what stands around it.
 * @param {string} name
 * @param {RegExp} pattern
 * @returns {Canary}
 */
export const canaryPattern = (name, pattern) => ({
  name,
  forms: [{ form: "in its field", pattern }],
});

/**
 * The characters of base64 that depend on nothing but the value, if it begins so many bytes behind
 * a multiple of three.
 * @param {Buffer} bytes
 * @param {number} offset
 */
function base64Within(bytes, offset) {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
  const first = Math.ceil((offset * 8) / 6);
  const end = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(first, end);
}

/**
 * A text as it stands; a short number only as a whole one, since a part of a time stamp or of an
 * order number may look like it.
 * @param {string} text
 */
function wholeNumber(text) {
  const literal = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return /^\d{1,12}$/.test(text)
    ? new RegExp(`(?<![\\w.])${literal}(?![\\w])`)
    : new RegExp(literal);
}

/**
 * Where which secrets are found.
 * @param {Map<string, string>} places texts (bytes as Latin-1) by name
 * @param {Canary[]} canaries
 */
export function findings(places, canaries) {
  const found = [];
  for (const [place, text] of places) {
    for (const { name, forms } of canaries) {
      for (const { form, pattern } of forms) {
        const at = text.search(pattern);
        if (at < 0) continue;
        const around = text.slice(Math.max(0, at - 60), at).replace(/[^ -~]/g, "·");
        found.push(`${place}: ${name}, ${form}, behind "${around}"`);
      }
    }
  }
  return found;
}

/**
 * Every file of a directory, by its path.
 * @param {string} directory
 * @param {(path: string) => boolean} [wanted]
 * @returns {Promise<Map<string, string>>}
 */
export async function files(directory, wanted = () => true) {
  const places = new Map();
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      for (const [inner, text] of await files(path, wanted)) places.set(inner, text);
    } else if (wanted(path)) {
      places.set(path, await readFile(path, "latin1"));
    }
  }
  return places;
}
