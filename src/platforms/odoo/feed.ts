import { z } from 'zod';
import type { Doc } from '../../domain/document.ts';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import { type OdooClient, searchRead } from './ask.ts';
import type { OdooConfig } from './config.ts';
import { TRANSACTION_MS } from './facts.ts';
import { ORDER_FIELDS, orderShape, withMoves } from './orders.ts';
import { stamp } from './shape.ts';
import { TILL_FIELDS, tillOrderShape, withTillLines } from './till.ts';

const LIMIT = 100;
const STAGES = ['sales', 'tills'] as const;
/** Stamps are those of a transaction's start, and it commits up to two minutes later: that much is told again. */
const OVERLAP_MS = TRANSACTION_MS + 5_000;

/**
 * A round through all orders changed since `fromMs`: those of sales, then those of tills, each by id from `last` on.
 * `startedMs`: Odoo's clock when the round began.
 */
const cursorShape = z.object({
  fromMs: z.number(),
  startedMs: z.number().nullable(),
  stage: z.enum(STAGES),
  last: z.number(),
  upTo: z.string().nullable(),
});
type Cursor = z.infer<typeof cursorShape>;

/**
 * Orders whose own row, a line of theirs, or a delivery changed. Asked for by id within "changed since": an order can only
 * come into that set, never leave it, so nothing shifts under the pages; what comes in behind them is told in the next round.
 */
export async function pollOrders(
  client: OdooClient,
  config: OdooConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const at: Cursor =
    cursor === null
      ? { fromMs: Date.parse(since), startedMs: null, stage: 'sales', last: 0, upTo: null }
      : cursorShape.parse(JSON.parse(cursor));
  const signals: Signal[] = [];
  let began = at.startedMs;
  for (const stage of config.pointOfSale ? STAGES : STAGES.slice(0, 1)) {
    if (at.stage === 'tills' && stage === 'sales') continue;
    const from = at.stage === stage ? at : { ...at, last: 0 };
    const { docs, startedMs, full, last } = await (stage === 'sales' ? sales : tills)(client, config, from);
    signals.push(...docs.map((doc): Signal => ({ kind: 'document', doc })));
    began ??= startedMs;
    if (!full) continue;
    const next: Cursor = { ...at, startedMs: began, stage, last };
    return { signals, cursor: JSON.stringify(next), completeTo: at.upTo, more: true };
  }
  began ??= at.fromMs;
  const upTo = new Date(Math.max(at.upTo ? Date.parse(at.upTo) : 0, Math.floor(began / 1_000) * 1_000)).toISOString();
  const next: Cursor = { fromMs: began - OVERLAP_MS, startedMs: null, stage: 'sales', last: 0, upTo };
  return { signals, cursor: JSON.stringify(next), completeTo: upTo, more: false };
}

interface Found {
  docs: Doc[];
  startedMs: number;
  full: boolean;
  last: number;
}

async function sales(client: OdooClient, config: OdooConfig, at: Cursor): Promise<Found> {
  const since = stamp(at.fromMs);
  const domain = [
    ['id', '>', at.last],
    '|',
    '|',
    ['write_date', '>=', since],
    ['order_line.write_date', '>=', since],
    ['order_line.move_ids.write_date', '>=', since],
  ];
  const query = { model: 'sale.order', domain, fields: ORDER_FIELDS, limit: LIMIT };
  const { data, startedMs } = await searchRead(client, config, 'orderFeed', query, z.array(orderShape));
  return found(await withMoves(client, config, data), startedMs, data);
}

async function tills(client: OdooClient, config: OdooConfig, at: Cursor): Promise<Found> {
  const since = stamp(at.fromMs);
  const domain = [
    ['id', '>', at.last],
    '|',
    ['write_date', '>=', since],
    // Closing a session moves the goods of its orders and touches none of them.
    ['session_id.write_date', '>=', since],
  ];
  const query = { model: 'pos.order', domain, fields: TILL_FIELDS, limit: LIMIT };
  const { data, startedMs } = await searchRead(client, config, 'orderFeed', query, z.array(tillOrderShape));
  return found(await withTillLines(client, config, data), startedMs, data);
}

const found = (docs: Doc[], startedMs: number, rows: readonly { id: string }[]): Found => ({
  docs,
  startedMs,
  full: rows.length === LIMIT,
  last: Number(rows.at(-1)?.id ?? 0),
});
