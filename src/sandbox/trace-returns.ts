import type { TraceCounts, TraceEvent } from './trace.ts';

interface Sold {
  invoice: string;
  country: string;
  left: number;
}

/** How far back among one SKU's open sales a customer of the same country is looked for. */
const LOOK_BACK = 500;

/**
 * Gives every returned unit the sale it came from: the newest earlier one of that SKU with units left, of the same country
 * if there is one near. A return over several sales becomes several lines. Counts what no sale is left for.
 * @param events in order of time.
 */
export function matchReturns(events: TraceEvent[], counts: Pick<TraceCounts, 'unitsUnmatched'>): TraceEvent[] {
  const openBySku = new Map<string, Sold[]>();
  return events.map((event) => {
    if (event.kind === 'sale')
      for (const { sku, quantity } of event.lines) {
        const open = openBySku.get(sku) ?? [];
        open.push({ invoice: event.invoice, country: event.country, left: quantity });
        openBySku.set(sku, open);
      }
    if (event.kind !== 'return') return event;
    const lines = event.lines.flatMap(({ sku, quantity }) => {
      const open = openBySku.get(sku) ?? [];
      const matched: typeof event.lines = [];
      let missing = quantity;
      while (missing > 0 && open.length > 0) {
        const at = newest(open, event.country);
        const sale = open[at]!;
        const units = Math.min(missing, sale.left);
        matched.push({ sku, quantity: units, of: sale.invoice });
        missing -= units;
        sale.left -= units;
        if (sale.left <= 0) open.splice(at, 1);
      }
      if (missing > 0) {
        counts.unitsUnmatched += missing;
        matched.push({ sku, quantity: missing, of: null });
      }
      return matched;
    });
    return { ...event, lines };
  });
}

function newest(open: Sold[], country: string): number {
  for (let at = open.length - 1; at >= Math.max(0, open.length - LOOK_BACK); at--)
    if (open[at]!.country === country) return at;
  return open.length - 1;
}
