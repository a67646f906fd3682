import { type Quantity, quantity } from './quantity.ts';

export type WriteMode = 'cas' | 'delta' | 'as-of' | 'blind';

/**
 * The most a cell may still sell, plus what it sold that the ledger has not heard of. In the listing's units.
 * `pending`: an absolute write that is acknowledged but not settled: the old rights and the new value both count.
 */
export interface Rights {
  held: Quantity;
  pending: { value: Quantity; ackedAt: number } | null;
}

/** A write from `expect` to `want`. */
export interface Write {
  mode: WriteMode;
  expect: Quantity;
  want: Quantity;
}

const absolute = (mode: WriteMode) => mode === 'blind' || mode === 'as-of';

/** Rights while the write is under way: whoever reads them must assume that it was applied, and that it was not. */
export function sent(rights: Rights, write: Write): Rights {
  const added = absolute(write.mode) ? Math.max(0, write.want) : Math.max(0, write.want - write.expect);
  return { ...rights, held: quantity(rights.held + added) };
}

/**
 * The platform confirmed. A guarded fall is free at once, less what a delta took below zero (`after` < 0: those units
 * were sold already); an absolute one only when every sale up to now has been heard ({@link settled}).
 */
export function acknowledged(rights: Rights, write: Write, at: number, after?: Quantity): Rights {
  if (absolute(write.mode)) return { ...rights, pending: { value: Math.max(0, write.want), ackedAt: at } };
  const fall = Math.max(0, write.expect - write.want);
  const below = write.mode === 'delta' && after !== undefined ? Math.max(0, -after) : 0;
  return { ...rights, held: Math.max(0, quantity(rights.held - fall + Math.min(below, fall))) };
}

/** The guard refused or nothing was done: a rise is taken back. */
export function refused(rights: Rights, write: Write): Rights {
  const added = absolute(write.mode) ? Math.max(0, write.want) : Math.max(0, write.want - write.expect);
  return { ...rights, held: Math.max(0, quantity(rights.held - added)) };
}

/** One of its sales entered the ledger (or, negative, a cancellation that the platform gave back). */
export function posted(rights: Rights, taken: Quantity): Rights {
  return { ...rights, held: Math.max(0, quantity(rights.held - taken)) };
}

/** `heardUpTo`: every sale the platform stamped before this is in the ledger (completeTo less the lag). */
export function settled(rights: Rights, heardUpTo: number): Rights {
  if (!rights.pending || heardUpTo < rights.pending.ackedAt) return rights;
  return { held: Math.min(rights.held, rights.pending.value), pending: null };
}

/**
 * May this write start when rights must never exceed what is available? `others`: the sum of R × units of the other
 * cells on the item. Writing 0 needs no room; with an absolute write still pending, only 0 may follow.
 */
export function mayStart(rights: Rights, write: Write, others: Quantity, available: Quantity): boolean {
  if (absolute(write.mode)) {
    if (rights.pending) return false;
    return write.want <= 0 || sent(rights, write).held + others <= Math.max(0, available);
  }
  return write.want <= write.expect || sent(rights, write).held + others <= Math.max(0, available);
}
