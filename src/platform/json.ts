import { isInteger, isSafeNumber, parse } from 'lossless-json';

/**
 * Reads JSON without losing digits: integers beyond 2^53 come as strings (platform ids), everything else as usual.
 * Plain JSON.parse turned Shopify's 820982911946154508 into …500: two orders would become one.
 * @throws SyntaxError on malformed JSON.
 */
export function readJson(text: string): unknown {
  // Most bodies hold no number longer than 15 digits: those are safe with the engine's own, much faster parser.
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return parse(text, null, (value) => (isInteger(value) && !isSafeNumber(value) ? value : Number(value)));
}
