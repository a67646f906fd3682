import { z } from 'zod';
import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type ZohoClient } from './api.ts';
import { hasMore } from './catalogue.ts';
import type { ZohoConfig } from './config.ts';
import { markOf } from './push.ts';
import { text } from './shape.ts';

const PER_PAGE = 200;
/** Four thousand adjustments: what lies behind them was not written within a day. */
const PAGES_MAX = 20;
const DAY_MS = 86_400_000;

const listShape = z.object({
  inventory_adjustments: z.array(z.object({ date: text, description: text, reference_number: text })),
  page_context: z.object({ has_more_page: z.boolean().nullish() }).nullish(),
});

/**
 * Was it done? Its mark stands in the adjustment's description.
 * @throws Failure `unknown-outcome` when the list goes on beyond reach: "not found" would write it twice.
 */
export async function findPush(client: ZohoClient, config: ZohoConfig, target: Target): Promise<Outcome | 'not-found'> {
  const mark = markOf(target);
  const askedMs = Date.parse(target.asOf);
  // Dates are the organization's own, up to a day away from UTC.
  const oldest = new Date((Number.isNaN(askedMs) ? client.now() : askedMs) - 2 * DAY_MS).toISOString().slice(0, 10);
  for (let page = 1; page <= PAGES_MAX; page++) {
    const query = { page, per_page: PER_PAGE, sort_column: 'date', sort_order: 'D' };
    const { data } = await ask(client, config, 'adjustments', { path: '/inventoryadjustments', query }, listShape);
    const rows = data.inventory_adjustments;
    if (rows.some(({ description }) => description?.split(/\s+/).includes(mark)))
      return { cell: target.cell, result: 'applied' };
    if (!hasMore(data.page_context, rows.length) || isPast(rows, oldest)) return 'not-found';
  }
  throw new Failure(
    'unknown-outcome',
    'not-found-in-reach',
    'Zoho lists more adjustments than can be looked through. Compare the stock of this item by hand.',
  );
}

/** Sorted by date, and the rest is older than what is looked for. */
function isPast(rows: readonly { date?: string | null | undefined }[], oldest: string): boolean {
  const dates = rows.map(({ date }) => date ?? '9999');
  const sorted = dates.every((date, index) => index === 0 || date <= dates[index - 1]!);
  return sorted && dates.length > 0 && dates.at(-1)! < oldest;
}
