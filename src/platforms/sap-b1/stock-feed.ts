import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import { localTime } from '../../platform/local-time.ts';
import { shaped } from './answer.ts';
import { quoted, type SapClient, withQuery } from './api.ts';
import { readTogether } from './batch.ts';
import type { SapConfig } from './config.ts';
import { page } from './shapes.ts';

/** Documents per page, with their lines. */
const LIMIT = 50;
const DAY_MS = 86_400_000;

/** Documents that move stock without a customer: received, put in, taken out, moved, counted. Never changed once posted. */
const STOCK_SETS = {
  PurchaseDeliveryNotes: { key: 'DocEntry', date: 'DocDate', lines: 'DocumentLines' },
  InventoryGenEntries: { key: 'DocEntry', date: 'DocDate', lines: 'DocumentLines' },
  InventoryGenExits: { key: 'DocEntry', date: 'DocDate', lines: 'DocumentLines' },
  StockTransfers: { key: 'DocEntry', date: 'DocDate', lines: 'StockTransferLines' },
  InventoryPostings: { key: 'DocumentEntry', date: 'PostingDate', lines: 'InventoryPostingLines' },
} as const;
type StockSet = keyof typeof STOCK_SETS;
const NAMES = Object.keys(STOCK_SETS) as StockSet[];

/** `after`: the last number told in each set; none yet: by date. `done`: this round is at its end there. */
const cursorShape = z.object({
  day: z.string().regex(/^\d{4}-\d\d-\d\d$/),
  after: z.partialRecord(z.enum(NAMES), z.number().int()),
  done: z.array(z.enum(NAMES)),
});

const line = z.object({
  ItemCode: z.string().nullish(),
  WarehouseCode: z.string().nullish(),
  FromWarehouseCode: z.string().nullish(),
});

/**
 * What moved, as cells to read again: a document says by how much in some unit, the item says what is there. Numbers are
 * given in the order of posting, so a set goes on from the last one; nothing is told twice.
 */
export async function pollStock(
  client: SapClient,
  config: SapConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const day = localTime(Date.parse(since) - DAY_MS, config.timeZone).slice(0, 10);
  const now = cursor === null ? { day, after: {}, done: [] } : cursorShape.parse(JSON.parse(cursor));
  const after: z.infer<typeof cursorShape>['after'] = { ...now.after };
  const open = NAMES.filter((name) => !now.done.includes(name));
  const parts = open.map((name) => ({ path: pathOf(name, after[name], now.day), pageSize: LIMIT }));
  const { answers } = await readTogether(client, config, 'stockFeed', parts);
  const signals: Signal[] = [];
  const done = [...now.done];
  for (const [index, name] of open.entries()) {
    const { key, lines } = STOCK_SETS[name];
    const shape = page(z.looseObject({ [key]: z.number().int(), [lines]: z.array(line).nullish() }));
    const answer = answers[index] && shaped(answers[index], shape, `/${name}`);
    const rows = (answer?.value ?? []) as Record<string, unknown>[];
    for (const row of rows) signals.push(...moved((row[lines] ?? []) as z.infer<typeof line>[], config.account));
    const last = rows.at(-1)?.[key];
    const moves = typeof last === 'number' && last !== after[name];
    if (moves) after[name] = last;
    if (!answer?.['@odata.nextLink'] || !moves) done.push(name);
  }
  const more = done.length < NAMES.length;
  const next = { day: now.day, after, done: more ? done : [] };
  return { signals: distinct(signals), cursor: JSON.stringify(next), completeTo: null, more };
}

function pathOf(name: StockSet, after: number | undefined, day: string): string {
  const { key, date, lines } = STOCK_SETS[name];
  return withQuery(`/${name}`, {
    select: `${key},${lines}`,
    filter: after === undefined ? `${date} ge ${quoted(day)}` : `${key} gt ${after}`,
    orderby: key,
  });
}

/** A transfer leaves one warehouse and comes to another. */
const moved = (lines: z.infer<typeof line>[], account: string): Signal[] =>
  lines.flatMap(({ ItemCode, WarehouseCode, FromWarehouseCode }) =>
    [WarehouseCode, FromWarehouseCode].flatMap((location): Signal[] =>
      ItemCode && location ? [{ kind: 'dirty', account, stockKey: ItemCode, location }] : [],
    ),
  );

function distinct(signals: Signal[]): Signal[] {
  const known = new Map(signals.map((signal) => [JSON.stringify(signal), signal]));
  return [...known.values()];
}
