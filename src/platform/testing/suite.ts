import { describe } from 'vitest';
import type { AnyPlatform, Platform } from '../contract.ts';
import { factsRules } from './facts-rules.ts';
import { failureRules } from './failure-rules.ts';
import { feedRules } from './feed-rules.ts';
import { limitRules } from './limit-rules.ts';
import { orderRules } from './order-rules.ts';
import { pushRules } from './push-rules.ts';
import { readingRules } from './reading-rules.ts';
import { renewalRules } from './renewal-rules.ts';
import { type Cases, Rules } from './rules.ts';
import { signatureRules } from './signature-rules.ts';
import { wireRules } from './wire-rules.ts';

/**
 * The contract every platform keeps, as tests: drives the platform's own stand-in through the real client on a virtual
 * clock at the vendor's own speed, and once over a real socket. Call it in the platform's test file:
 *
 *     contractSuite(myPlatform, { exempt: { 'stale-signature': 'The vendor signs no time' } });
 *
 * What the platform does not have (webhooks, a queue, a till) is skipped, visibly. What it has and the vendor cannot do
 * right is exempted by name, with the reason; an exemption that is not needed fails.
 * Each run leaves its rows for `scripts/contract-table.mjs`.
 */
export function contractSuite<Config extends { account: string }, Op extends string>(
  platform: Platform<Config, Op>,
  cases: Cases = {},
): void {
  describe(`${platform.facts.name} keeps the contract`, () => allRules().declare(platform as AnyPlatform, cases));
}

/** Every rule there is, not yet held against anything. */
export function allRules(): Rules {
  const suite = new Rules();
  for (const add of [
    factsRules,
    readingRules,
    pushRules,
    orderRules,
    signatureRules,
    feedRules,
    failureRules,
    limitRules,
    renewalRules,
    wireRules,
  ])
    add(suite);
  return suite;
}
