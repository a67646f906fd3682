import { type Quantity, quantity } from './quantity.ts';

/**
 * What we have reason to believe a cell shows, and how we know. All times in milliseconds since 1970.
 *
 * `shown` is the value that agrees with every sale the ledger has heard of and every write we made. `seen` is a reading
 * that disagrees: probably a sale in flight, so writes are made from what was seen, and the difference survives them;
 * it is judged once the feeds are complete up to the reading. `doubt` counts the units for which we ourselves may be the
 * cause (a blind write that overwrote a sale, an answer that was lost).
 */
export interface Shadow {
  shown: Quantity | null;
  /** `clean`: nothing was posted for the cell or written to it since; only such a reading can accuse anybody. */
  seen: { value: Quantity; at: number; clean: boolean } | null;
  doubt: Quantity;
  /** Time from which a reading would tell something we need to know; null: none needed. */
  verifyAt: number | null;
  /** The last write and when it was surely in force. */
  lastWrite: { value: Quantity; effectiveBy: number } | null;
  /** Change of a write whose outcome is unknown; no further write before a reading. */
  unknown: Quantity | null;
}

export const unread: Shadow = { shown: null, seen: null, doubt: 0, verifyAt: null, lastWrite: null, unknown: null };

/** What kind of writes the cell gets: only an unguarded absolute one can overwrite a sale. */
export interface Manner {
  blind: boolean;
  /** Uncertainty between the platform's clock and ours. */
  skewMs: number;
  visibleAfterMs: number;
}

/**
 * A document of the cell's own platform was posted: the platform itself took `taken` units off (or gave them back).
 * `since` to `at`: when that happened. What reaches us is the last of several changes, so the units may have moved at any
 * time after the state that was posted before.
 */
export function sold(
  shadow: Shadow,
  sale: { taken: Quantity; since: number; at: number; now: number; writing: boolean },
  manner: Manner,
): Shadow {
  const next = { ...shadow };
  if (next.shown !== null) next.shown = quantity(next.shown - sale.taken);
  if (next.seen) {
    const value = sale.at > next.seen.at ? quantity(next.seen.value - sale.taken) : next.seen.value;
    next.seen = { ...next.seen, value, clean: false };
  }
  const overwritten =
    manner.blind &&
    (sale.writing || (next.lastWrite !== null && sale.since <= next.lastWrite.effectiveBy + manner.skewMs));
  if (overwritten) {
    // Whatever was read before: the write that swallowed the sale came after it.
    next.seen = null;
    next.doubt = quantity(next.doubt + Math.abs(sale.taken));
    next.verifyAt = Math.max(next.lastWrite?.effectiveBy ?? 0, sale.now) + manner.skewMs;
  }
  return agree(next);
}

/**
 * Between `since` and `at` a document took units off and gave them back, as far as we can tell: a reading of that time may
 * show it without them, and nothing that is heard later will ever say so.
 */
export function stirred(shadow: Shadow, change: { since: number; at: number }, manner: Manner): Shadow {
  const { seen } = shadow;
  const within = seen && seen.at >= change.since - manner.skewMs && seen.at <= change.at + manner.skewMs;
  return within ? { ...shadow, seen: { ...seen, clean: false } } : shadow;
}

/** A reading of the platform. */
export function observed(shadow: Shadow, value: Quantity, at: number): Shadow {
  const next: Shadow = { ...shadow, verifyAt: null, seen: { value, at, clean: true } };
  if (next.shown === null) next.shown = value;
  if (next.unknown !== null) {
    const applied = quantity(next.shown + next.unknown);
    if (Math.abs(value - applied) <= Math.abs(value - next.shown)) next.shown = applied;
    next.unknown = null;
  }
  return agree(next);
}

/** The write that makes the cell show `want`: from what was seen, so that a sale in flight is not overwritten. */
export function plan(shadow: Shadow, want: Quantity): { expect: Quantity; value: Quantity } | null {
  if (shadow.shown === null || shadow.unknown !== null) return null;
  const expect = shadow.seen?.value ?? shadow.shown;
  // Believed below zero and read at zero or above: the belief is wrong (a place guessed for an order), not a sale in flight.
  const shown = expect >= 0 ? Math.max(0, shadow.shown) : shadow.shown;
  return { expect, value: quantity(expect + want - shown) };
}

/** A write from `expect` to `value` is in force (or surely will be by `effectiveBy`). */
export function written(
  shadow: Shadow,
  write: { expect: Quantity; value: Quantity; at: number; after?: Quantity; certain: boolean },
  manner: Manner,
): Shadow {
  const change = quantity(write.value - write.expect);
  const next: Shadow = {
    ...shadow,
    shown: shadow.shown === null ? write.value : quantity(shadow.shown + change),
    seen: shadow.seen && { ...shadow.seen, value: quantity(shadow.seen.value + change), clean: false },
    lastWrite: { value: write.value, effectiveBy: write.at + manner.visibleAfterMs },
  };
  if (!write.certain) {
    next.doubt = quantity(next.doubt + Math.abs(change));
    next.verifyAt = write.at + manner.visibleAfterMs;
  }
  if (write.after !== undefined && write.after !== next.shown)
    next.seen = { value: write.after, at: write.at, clean: true };
  return agree(next);
}

/** The answer was lost: nothing is known until the next reading. */
export function lost(shadow: Shadow, write: { expect: Quantity; value: Quantity; at: number }, manner: Manner): Shadow {
  const change = quantity(write.value - write.expect);
  return {
    ...shadow,
    unknown: change,
    doubt: quantity(shadow.doubt + Math.abs(change)),
    lastWrite: { value: write.value, effectiveBy: write.at + manner.visibleAfterMs },
    verifyAt: write.at + manner.visibleAfterMs,
  };
}

/**
 *  - wait: not to be judged yet, or nothing to judge.
 *  - reread: it disagrees or we are in doubt, and the cell was sold from or written to since: only a fresh reading can tell.
 *  - agrees: what was seen is what the ledger says by now; a sale in flight has arrived.
 *  - ours: our own write is the cause; adopt the reading and write again.
 *  - returned: units that came back without a word explain it.
 *  - drift: neither the ledger nor a sale in flight explains it.
 */
export type Verdict =
  | { verdict: 'wait' }
  | { verdict: 'agrees' | 'reread'; shadow: Shadow }
  | { verdict: 'ours' | 'drift'; units: Quantity; shadow: Shadow }
  | { verdict: 'returned'; units: Quantity; shadow: Shadow };

/**
 * `heardUpTo`: everything the platform stamped up to here is in the ledger. `returned`: open returned units of the cell.
 * `visibleAfterMs`: how long an accepted write may take; 0 where an answer proves it.
 */
export function judgeLevel(shadow: Shadow, heardUpTo: number, returned: Quantity, visibleAfterMs = 0): Verdict {
  const { seen, shown } = shadow;
  if (!seen || shown === null || heardUpTo < seen.at) return { verdict: 'wait' };
  const units = quantity(seen.value - shown);
  const adopted: Shadow = { ...shadow, shown: seen.value, seen: null, doubt: 0 };
  const early = shadow.doubt > 0 && shadow.lastWrite !== null && seen.at < shadow.lastWrite.effectiveBy;
  if (early || ((units !== 0 || shadow.doubt > 0) && !seen.clean))
    return {
      verdict: 'reread',
      shadow: { ...shadow, seen: null, verifyAt: Math.max(heardUpTo, seen.at, shadow.verifyAt ?? 0) },
    };
  const { lastWrite } = shadow;
  // It agrees, but not with what we wrote last, which was only accepted: that may still come into force. Looked at once more.
  if (units === 0 && shadow.doubt > 0 && visibleAfterMs > 0 && lastWrite && lastWrite.value !== seen.value)
    return {
      verdict: 'reread',
      shadow: {
        ...shadow,
        seen: null,
        lastWrite: { ...lastWrite, value: seen.value },
        verifyAt: seen.at + visibleAfterMs,
      },
    };
  if (units === 0) return { verdict: 'agrees', shadow: adopted };
  // What came back comes first: the rest of the rise may be our own doing, and what is written back over it must not take
  // the returned units off the shelf again.
  if (returned > 0 && units > 0 && units <= quantity(returned + shadow.doubt)) {
    const back = Math.min(units, returned);
    return { verdict: 'returned', units: back, shadow: { ...adopted, doubt: quantity(units - back) } };
  }
  // An accepted write may still come into force after this reading: as many units stay in doubt until one agrees.
  if (Math.abs(units) <= shadow.doubt)
    return { verdict: 'ours', units, shadow: { ...adopted, doubt: Math.abs(units) } };
  return { verdict: 'drift', units, shadow: adopted };
}

/** A reading that agrees needs no judgement, unless our own doubt waits for one. */
function agree(shadow: Shadow): Shadow {
  return shadow.seen && shadow.seen.value === shadow.shown && shadow.doubt === 0 ? { ...shadow, seen: null } : shadow;
}
