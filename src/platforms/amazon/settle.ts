import type { Quantity } from '../../domain/quantity.ts';
import type { CellKey, Client, Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { AmazonConfig } from './config.ts';
import { type AmazonOp, amazonFacts } from './facts.ts';
import { findItem } from './levels.ts';
import { levelsOf } from './listing.ts';
import { record } from './shape.ts';

/** After so long nobody believes any more that an accepted quantity will come into force; the cell is read and planned anew. */
export const SETTLE_DEADLINE_MS = 12 * amazonFacts.push.visibleAfterMs;

/** What must be remembered of an accepted write to recognise its effect. */
interface Accepted {
  want: Quantity;
  /** What the cell showed before. */
  before: Quantity;
  atMs: number;
  /** Amazon's number, for its support. */
  submission: string;
}

export const writeHandle = (target: Target, atMs: number, submission: string): string =>
  JSON.stringify({
    want: target.want,
    before: target.from?.available ?? target.expect,
    atMs,
    submission,
  } satisfies Accepted);

/**
 * Is the accepted quantity in force? Shoppers go on buying meanwhile, so what is in force may be less than what was written.
 * What was there before may be less too, and then a raise cannot be told from "not yet": only the wait decides.
 * @returns undefined while it may still come.
 */
export async function settle(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  handle: string,
  cell: CellKey,
): Promise<Outcome | undefined> {
  const accepted = record(JSON.parse(handle)) as unknown as Accepted;
  const readAt = new Date(client.now()).toISOString();
  const item = await findItem(client, config, cell.stockKey);
  if (!item) {
    const failure = new Failure('gone', 'unknown-item', `Amazon has no listing with the SKU "${cell.stockKey}".`);
    return { cell, result: 'failed', failure };
  }
  const [level] = levelsOf(item, config, readAt, [cell.location]);
  if (level?.tracked && isInForce(accepted, level.available))
    return { cell, result: 'applied', after: level.available };
  if (client.now() - accepted.atMs < SETTLE_DEADLINE_MS) return undefined;
  const failure = new Failure(
    'unknown-outcome',
    'not-in-force',
    `Amazon accepted ${accepted.want} (submission ${accepted.submission}) and still shows ${level?.available ?? 'nothing'}. It is read again and written anew.`,
  );
  return { cell, result: 'failed', failure };
}

/**
 * Without the write the cell could only show what it showed before, or less. So a number above that and up to what was
 * written proves a raise; a fall is proved by any number up to what was written.
 */
export function isInForce({ want, before }: Pick<Accepted, 'want' | 'before'>, shown: Quantity): boolean {
  if (shown === want) return true;
  return want > before ? shown > before && shown < want : shown < want;
}
