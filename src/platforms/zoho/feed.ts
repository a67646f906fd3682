import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import { ask, type ZohoClient } from './api.ts';
import { hasMore } from './catalogue.ts';
import type { ZohoConfig } from './config.ts';
import { id, maybeId, moment, text } from './shape.ts';

const PER_PAGE = 200;
/** Whole seconds, and what was being written down while the list was made. */
const OVERLAP_MS = 120_000;

const STAGES = ['salesorders', 'packages'] as const;
type Stage = (typeof STAGES)[number];

/**
 * Where a round stands: the orders changed since `fromMs`, then the packages.
 *  - `again`: walked a second time, because a row deleted meanwhile moves another over the edge of a page.
 *  - `parcels`: those told in the last round, `next` in this one: an order is fetched once for each change of a parcel, and not
 *    again because two rounds overlap.
 *  - `startedMs`: Zoho's clock when the round began. `upTo`: the completeTo told last.
 */
const cursorShape = z.object({
  fromMs: z.number(),
  startedMs: z.number().nullable(),
  stage: z.enum(STAGES),
  page: z.number().int(),
  again: z.boolean(),
  upTo: z.string().nullable(),
  parcels: z.array(z.string()),
  next: z.array(z.string()),
});
type Cursor = z.infer<typeof cursorShape>;

const context = z.object({ has_more_page: z.boolean().nullish() }).nullish();
const row = z.object({ salesorder_id: maybeId, package_id: maybeId, last_modified_time: text });
const shapes = {
  salesorders: z.object({ salesorders: z.array(row.extend({ salesorder_id: id })), page_context: context }),
  // "packagea" in Zoho's own document, which can only be a slip.
  packages: z.object({ packages: z.array(row).nullish(), packagea: z.array(row).nullish(), page_context: context }),
};

interface Row {
  order: string | null;
  rev: string | undefined;
  /** A package as it stands. */
  parcel: string;
}

/**
 * Changed orders, newest first, until what is older than the last round. Whatever changes meanwhile moves to the front and
 * pushes others back, so none is passed over; it is told in the next round. Filters that a list does not know are ignored
 * without a word, so it is held in our hands: where a page turns out not to be sorted, everything is walked.
 */
export async function pollOrders(
  client: ZohoClient,
  config: ZohoConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const at: Cursor =
    cursor === null
      ? {
          fromMs: Date.parse(since),
          startedMs: null,
          stage: 'salesorders',
          page: 1,
          again: false,
          upTo: null,
          parcels: [],
          next: [],
        }
      : cursorShape.parse(JSON.parse(cursor));
  const signals: Signal[] = [];
  let began = at.startedMs;
  let { page, again, next: parcels } = at;
  const isNew = ({ parcel }: Row) => !at.parcels.includes(parcel);
  for (const stage of STAGES.slice(STAGES.indexOf(at.stage))) {
    for (;;) {
      const { rows, more, startedMs } = await readPage(client, config, stage, page);
      began ??= startedMs;
      const fresh = rows.filter((one) => !(timeOf(one) < at.fromMs));
      signals.push(...told(stage === 'packages' ? fresh.filter(isNew) : fresh, stage, config));
      // A second that was not over yet may hold another change of the same parcel.
      const over = began - 2_000;
      if (stage === 'packages')
        parcels = [...new Set([...parcels, ...fresh.flatMap((one) => (timeOf(one) < over ? one.parcel : []))])];
      const go = more && !isPast(rows, at.fromMs);
      const repeat = !go && page > 1 && !again;
      if (!go && !repeat) break;
      const next: Cursor = {
        ...at,
        stage,
        startedMs: began,
        page: go ? page + 1 : 1,
        again: again || repeat,
        next: parcels,
      };
      return { signals, cursor: JSON.stringify(next), completeTo: at.upTo, more: true };
    }
    page = 1;
    again = false;
  }
  const endMs = Math.max(at.upTo ? Date.parse(at.upTo) : 0, Math.floor((began ?? at.fromMs) / 1_000) * 1_000);
  const upTo = new Date(endMs).toISOString();
  const next: Cursor = {
    fromMs: endMs - OVERLAP_MS,
    startedMs: null,
    stage: 'salesorders',
    page: 1,
    again: false,
    upTo,
    parcels,
    next: [],
  };
  return { signals, cursor: JSON.stringify(next), completeTo: upTo, more: false };
}

async function readPage(client: ZohoClient, config: ZohoConfig, stage: Stage, page: number) {
  const query = { page, per_page: PER_PAGE, sort_column: 'last_modified_time', sort_order: 'D' };
  const call = { path: `/${stage}`, query };
  const found =
    stage === 'salesorders'
      ? await ask(client, config, 'orderFeed', call, shapes.salesorders)
      : await ask(client, config, 'orderFeed', call, shapes.packages);
  const { data } = found;
  const list = 'salesorders' in data ? data.salesorders : (data.packages ?? data.packagea ?? []);
  const rows = list.map(
    (one): Row => ({
      order: one.salesorder_id,
      rev: moment(one.last_modified_time),
      parcel: `${one.package_id} ${one.last_modified_time}`,
    }),
  );
  return { rows, more: hasMore(found.data.page_context, rows.length), startedMs: found.startedMs };
}

const timeOf = ({ rev }: Row): number => (rev ? Date.parse(rev) : Number.NaN);

/** Is everything that comes after this page older? Not if it is unsorted, or without times. */
function isPast(rows: readonly Row[], fromMs: number): boolean {
  const times = rows.map(timeOf);
  const sorted = times.every((time, index) => index === 0 || time <= times[index - 1]!);
  return sorted && times.length > 0 && times.at(-1)! < fromMs;
}

function told(rows: readonly Row[], stage: Stage, config: ZohoConfig): Signal[] {
  return rows.flatMap(({ order, rev }): Signal[] => {
    if (!order) return [];
    // A parcel need not touch its order's row: such an order is read whatever its time says.
    const known = stage === 'salesorders' && rev ? { rev } : {};
    return [{ kind: 'document-changed', account: config.account, doc: `order:${order}`, ...known }];
  });
}
