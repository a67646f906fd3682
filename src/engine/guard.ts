import { quantity } from '../domain/quantity.ts';
import type { Clock } from '../runtime/clock.ts';

/** One planned write, as the guard sees it. */
export interface PlannedWrite {
  cellId: number;
  from: number;
  to: number;
  /** Orders alone explain it. */
  explained: boolean;
}

const WINDOW_MS = 600_000;
const ZEROED_MIN = 20;
const ZEROED_SHARE = 0.05;
const RAISED_SHARE = 0.25;

/**
 * I14: unless orders explain each row, no plan takes more than max(20, 5 %) of a channel's cells from above 0 to 0, or
 * raises its shown units by more than 25 %. Counted over ten minutes, so that a bad import that trickles in is one plan.
 */
export class Guard {
  private past: { at: number; zeroed: number; raised: number }[] = [];

  constructor(private readonly clock: Clock) {}

  /** `cells`, `shownUnits`: of the whole channel. @returns why the lane must be held, or null (then the plan is counted) */
  check(plan: PlannedWrite[], cells: number, shownUnits: number): { reason: string; rows: PlannedWrite[] } | null {
    const unexplained = plan.filter((write) => !write.explained);
    const zeroing = unexplained.filter((write) => write.from > 0 && write.to <= 0);
    const raising = unexplained.filter((write) => write.to > write.from);
    const raised = raising.reduce((sum, write) => quantity(sum + write.to - Math.max(0, write.from)), 0);
    const now = this.clock.now();
    this.past = this.past.filter((one) => one.at > now - WINDOW_MS);
    const zeroedAll = zeroing.length + this.past.reduce((sum, one) => sum + one.zeroed, 0);
    const raisedAll = raised + this.past.reduce((sum, one) => sum + one.raised, 0);
    const zeroedMax = Math.max(ZEROED_MIN, ZEROED_SHARE * cells);
    if (zeroing.length > 0 && zeroedAll > zeroedMax)
      return {
        reason: `${zeroedAll} of ${cells} numbers would go from above 0 to 0 within ten minutes, and no orders explain it (allowed: ${Math.floor(zeroedMax)})`,
        rows: zeroing,
      };
    if (raised > 0 && shownUnits > 0 && raisedAll > RAISED_SHARE * shownUnits)
      return {
        reason: `${raisedAll} units would be added to the ${shownUnits} shown within ten minutes, and no orders explain it (allowed: 25 %)`,
        rows: raising,
      };
    this.past.push({ at: now, zeroed: zeroing.length, raised });
    return null;
  }

  /** A person looked and approved. */
  forget(): void {
    this.past = [];
  }
}
