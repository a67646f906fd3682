import type { Doc } from '../../domain/document.ts';
import { QuantityError } from '../../domain/quantity.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type CloverClient, elements, merchantUrl } from './api.ts';
import type { CloverConfig } from './config.ts';
import { type CloverLine, type CloverOrder, isCut, lineShape, orderShape } from './order-shape.ts';
import { docOf, isDeleted } from './orders.ts';

/** What is asked for with an order, in the feed too. */
export const EXPAND = 'lineItems,payments,refunds';

/** Clover's own maximum for lines. */
const LINES_MAX = 1_000;

/** One order with all its lines. `gone` when Clover does not know it, or says that it was deleted. */
export async function fetchDocument(client: CloverClient, config: CloverConfig, doc: string): Promise<Doc | 'gone'> {
  const id = doc.replace(/^order:/, '');
  const path = `/orders/${encodeURIComponent(id)}`;
  let order: CloverOrder;
  try {
    const url = merchantUrl(config, `${path}?${new URLSearchParams({ expand: EXPAND })}`);
    ({ data: order } = await ask(client, 'order', { method: 'GET', url }, orderShape));
    if (isDeleted(order)) return 'gone';
    if (isCut(order)) order = { ...order, lineItems: { elements: await allLines(client, config, path) } };
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    throw error;
  }
  try {
    return docOf(order, config);
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    throw new Failure(
      'rejected',
      'unreadable-order',
      `Order ${id} has an amount that no stock can have: ${error.message}.`,
      { cause: error },
    );
  }
}

/** Lists inside an order stop at 100 rows; by themselves they have pages. Lines that are read twice count once. */
async function allLines(client: CloverClient, config: CloverConfig, path: string): Promise<CloverLine[]> {
  const lines = new Map<string, CloverLine>();
  for (let offset = 0; ; ) {
    const query = new URLSearchParams({ limit: String(LINES_MAX), offset: String(offset) });
    const url = merchantUrl(config, `${path}/line_items?${query}`);
    const { data } = await ask(client, 'lineItems', { method: 'GET', url }, elements);
    const rows = data.elements ?? [];
    const known = lines.size;
    for (const row of rows) {
      const line = lineShape.safeParse(row);
      // A line that cannot be read must not pass for one that was removed.
      if (!line.success)
        throw new Failure('rejected', 'unreadable-order', `A line of ${path} has a shape that Onhand does not know.`, {
          cause: line.error,
        });
      lines.set(line.data.id, line.data);
    }
    // Until a page brings nothing new: Clover may give fewer rows than it was asked for.
    if (lines.size === known) return [...lines.values()];
    offset += rows.length;
  }
}
