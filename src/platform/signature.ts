import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Verdict } from './contract.ts';

export type Refused = Extract<Verdict, { verdict: 'refused' }>;

type Bytes = string | Uint8Array;

/**
 * HMAC over the parts in order, as if they were one text (Square signs the address and the body, one after the other).
 * Give the body as the raw bytes that arrived: a body decoded and encoded again has other bytes.
 */
export function hmac(algorithm: 'sha256' | 'sha1', key: Bytes, parts: Bytes[], encoding: 'base64' | 'hex'): string {
  const mac = createHmac(algorithm, key);
  for (const part of parts) mac.update(part);
  return mac.digest(encoding);
}

/**
 * Are the two texts the same? Takes the same time whatever they hold; total, never throws. Both are hashed first, so
 * that two lengths take the same way as two equal ones (timingSafeEqual alone throws on different lengths).
 */
export function sameSignature(given: string | undefined, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  const same = timingSafeEqual(digest(given ?? ''), digest(expected));
  // An empty expectation would let "no header" through.
  return same && given !== undefined && expected !== '';
}

export interface HmacRule {
  algorithm: 'sha256' | 'sha1';
  encoding: 'base64' | 'hex';
  /** Several while a secret is being changed: any of them will do. Blank ones count as not configured. */
  secret: string | undefined | null | readonly (string | undefined | null)[];
  parts: Bytes[];
  /** The header's name, for the sentence that the operator reads. */
  header: string;
  /** Where the operator finds the secret, in the vendor's words: "Webhooks > Signature key". */
  secretFrom: string;
}

/**
 * Holds a header value against what we would have signed.
 * @returns undefined when authentic, otherwise the refusal to answer with. No secret configured refuses everything:
 * a channel that is half set up must not take orders from strangers.
 */
export function verifyHmac(given: string | undefined, rule: HmacRule): Refused | undefined {
  const configured = (Array.isArray(rule.secret) ? rule.secret : [rule.secret]) as (string | undefined | null)[];
  const secrets = configured.filter((secret): secret is string => typeof secret === 'string' && secret !== '');
  if (secrets.length === 0)
    return refused(
      'no-secret',
      `No signing secret is set. Copy it from ${rule.secretFrom} into this channel's settings.`,
    );
  const text = given?.trim();
  if (!text)
    return refused('no-signature', `The header ${rule.header} is missing: this did not come from the platform itself.`);
  // Hex is written in either case; base64 is not.
  const value = rule.encoding === 'hex' ? text.toLowerCase() : text;
  // No early end: how many secrets are configured is nobody's business.
  let good = false;
  for (const secret of secrets) {
    if (sameSignature(value, hmac(rule.algorithm, secret, rule.parts, rule.encoding))) good = true;
  }
  if (good) return undefined;
  return refused(
    'bad-signature',
    `${rule.header} does not fit the body. Compare the secret in ${rule.secretFrom} with this channel's settings.`,
  );
}

/** A refusal, in one word for the machine and one sentence for the operator. */
export function refused(why: Refused['why'], say: string): Refused {
  return { verdict: 'refused', why, say };
}
