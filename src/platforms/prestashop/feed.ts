import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import type { HttpResponse } from '../../platform/http.ts';
import type { PrestaConfig } from './config.ts';
import { docOf, ORDER_FIELDS } from './order-doc.ts';
import { papersOf } from './orders.ts';
import { apiRequest, type PrestaClient } from './request.ts';
import { readShop } from './shop.ts';
import { earliestWall, revisionOf } from './shop-time.ts';
import { answer, type Element } from './xml.ts';

/** What was told lately is told again: a request sets the time first and saves lines and stock in the seconds after it. */
const OVERLAP_MS = 60_000;
const SECOND = 1_000;
const SIZE = 50;
const TOLD_MAX = 500;

/** A credit slip need not touch the order it is of. */
const LISTS = [
  { op: 'orders', path: '/orders', list: 'orders', one: 'order', display: ORDER_FIELDS },
  { op: 'slips', path: '/order_slip', list: 'order_slips', one: 'order_slip', display: '[id,id_order,date_upd]' },
] as const;

/**
 * Where the feed stands: a round walks orders, then credit slips, changed since `atMs`.
 *  - `atMs`: the shop's clock when the last round began, in UTC: of the wall's time an hour comes twice.
 *  - `from`: the wall's time the round asks from. `place`: within the round, the last row seen; rows are ordered by time and
 *    id, and the rest of its second is asked for by id. `startMs`: the shop's clock when the round began.
 *  - `told`: credit slips of the overlap, so that their orders are not fetched in every round.
 */
const cursorShape = z.object({
  atMs: z.number(),
  list: z.number().int().min(0).max(1),
  from: z.string().nullable(),
  place: z.object({ time: z.string(), id: z.string(), within: z.boolean() }).nullable(),
  startMs: z.number().nullable(),
  upTo: z.string().nullable(),
  told: z.array(z.string()),
});
type Cursor = z.infer<typeof cursorShape>;

/** Orders by change time. @param since where to start without a cursor */
export async function pollOrders(
  client: PrestaClient,
  config: PrestaConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const at: Cursor =
    cursor === null
      ? { atMs: Date.parse(since), list: 0, from: null, place: null, startMs: null, upTo: null, told: [] }
      : cursorShape.parse(JSON.parse(cursor));
  const signals: Signal[] = [];
  for (;;) {
    at.from ??= earliestWall(at.atMs - OVERLAP_MS, client.now() + CLOCK_MS, config.timeZone);
    const { rows, shopMs } = await step(client, config, at);
    at.startMs ??= shopMs;
    signals.push(...(await signalsOf(client, config, rows, at)));
    at.place = nextPlace(at.place, rows);
    if (at.place !== null) return { signals, cursor: JSON.stringify(at), completeTo: at.upTo, more: true };
    if (at.list === LISTS.length - 1) break;
    at.list += 1;
  }
  // Without the shop's clock the overlap must do with ours.
  const startMs = at.startMs ?? client.now() - OVERLAP_MS;
  const upTo = new Date(Math.max(at.upTo === null ? 0 : Date.parse(at.upTo), startMs - SECOND)).toISOString();
  const atMs = Math.max(at.atMs, startMs);
  const next: Cursor = { ...at, atMs, list: 0, from: null, startMs: null, upTo, told: at.told.slice(-TOLD_MAX) };
  return { signals, cursor: JSON.stringify(next), completeTo: upTo, more: false };
}

/** How far the shop's clock may be ahead of ours, where only the change of the clocks is looked for. */
const CLOCK_MS = 600_000;

async function step(client: PrestaClient, config: PrestaConfig, at: Cursor) {
  const { op, path, list, one, display } = LISTS[at.list]!;
  const { place } = at;
  // Both ends are included.
  const range = place?.within ? [place.time, place.time] : [place ? secondAfter(place.time) : at.from!, FOREVER];
  const query = {
    display,
    date: 1,
    'filter[date_upd]': `[${range.join(',')}]`,
    ...(place?.within && { 'filter[id]': `>[${place.id}]` }),
    sort: '[date_upd_ASC,id_ASC]',
    limit: SIZE,
  };
  const askedMs = client.now();
  const response = await client.call(op, apiRequest(config, 'GET', path, query));
  const clockMs = clockOf(response);
  const shopMs = clockMs === undefined ? null : clockMs - (client.now() - askedMs);
  return { rows: answer(response, list, one), shopMs };
}

const FOREVER = '2999-12-31 23:59:59';

/** PHP's own clock, which stamps the orders as well; the web server's may be another machine's. */
function clockOf({ headers }: HttpResponse): number | undefined {
  const access = headers['access-time']?.trim() ?? '';
  if (/^\d{9,11}$/.test(access)) return Number(access) * SECOND;
  const date = Date.parse(headers['date'] ?? '');
  return Number.isNaN(date) ? undefined : date;
}

const secondAfter = (time: string): string =>
  new Date(Date.parse(`${time.replace(' ', 'T')}Z`) + SECOND).toISOString().slice(0, 19).replace('T', ' ');

function nextPlace(place: Cursor['place'], rows: readonly Element[]): Cursor['place'] {
  const last = rows.at(-1);
  const time = last?.['date_upd'];
  if (rows.length >= SIZE && time && last['id']) return { time, id: last['id'], within: true };
  return place?.within ? { ...place, within: false } : null;
}

async function signalsOf(
  client: PrestaClient,
  config: PrestaConfig,
  rows: readonly Element[],
  at: Cursor,
): Promise<Signal[]> {
  const { account, timeZone } = config;
  if (LISTS[at.list]!.op === 'slips')
    return rows.flatMap((row): Signal[] => {
      const name = `${row['id']} ${row['date_upd']}`;
      if (!row['id_order'] || at.told.includes(name)) return [];
      at.told.push(name);
      // Without a revision: the order may carry the one it had before.
      return [{ kind: 'document-changed', account, doc: `order:${row['id_order']}` }];
    });
  const shop = await readShop(client, config);
  return (await papersOf(client, config, rows)).map((papers): Signal => {
    try {
      return { kind: 'document', doc: docOf(papers, shop, config) };
    } catch {
      // Asked for by itself it is shown, and the others go on.
      const rev = revisionOf(papers.order['date_upd'], timeZone);
      return { kind: 'document-changed', account, doc: `order:${papers.order['id']}`, ...(rev && { rev }) };
    }
  });
}
