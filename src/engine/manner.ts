import type { Manner } from '../domain/shadow.ts';
import type { Facts } from '../platform/contract.ts';

/** How writes to a platform behave, from its facts. */
export function manner(facts: Facts, skewMs: number): Manner {
  return {
    blind: facts.push.mode === 'blind' || facts.push.mode === 'as-of',
    skewMs,
    visibleAfterMs: facts.push.visibleAfterMs,
  };
}

/** The longest a change may take to appear in the feeds that tell orders. */
export function lagMsOf(facts: Facts): number {
  return Math.max(0, ...orderFeeds(facts).map(([, feed]) => feed.lagMs));
}

/** Feeds whose completeTo says how far the sales of an account have been heard. */
export function orderFeeds(facts: Facts) {
  return Object.entries(facts.feeds).filter(([, feed]) => feed.tells === 'orders');
}
