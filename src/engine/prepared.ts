import { refused, type WriteMode } from '../domain/rights.ts';
import type { Target } from '../platform/contract.ts';
import type { Cell } from '../store/cell-row.ts';

/** A write that is stored as an attempt and about to be sent. */
export interface Prepared {
  cell: Cell;
  target: Target;
  /** When the oldest change it publishes was heard of, ISO 8601. */
  since: string;
  mode: WriteMode;
}

/** Takes the rights of a write back that surely was not made. */
export function unsend(cell: Cell, prepared: Pick<Prepared, 'mode' | 'target'>): void {
  const { mode, target } = prepared;
  cell.rights = refused(cell.rights, { mode, expect: target.expect, want: target.want });
}
