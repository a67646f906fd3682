import { z } from 'zod';
import type { Doc, Line } from '../../domain/document.ts';
import { readQuantity } from '../../domain/quantity.ts';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, iso, record, type SfccClient, scapiUrl } from './api.ts';
import { locationsOf, type SfccConfig, sitesOf } from './config.ts';

const item = z.object({
  itemId: z.string().nullish(),
  productId: z.string().nullish(),
  quantity: z.unknown().optional(),
  shipmentId: z.string().nullish(),
  inventoryId: z.string().nullish(),
  position: z.number().nullish(),
  bundledProductItems: z.array(z.unknown()).nullish(),
});
type Item = z.infer<typeof item>;

const order = z.object({
  orderNo: z.string().min(1),
  status: z.string().nullish(),
  paymentStatus: z.string().nullish(),
  shippingStatus: z.string().nullish(),
  channelType: z.string().nullish(),
  creationDate: z.string().nullish(),
  lastModified: z.string().nullish(),
  productItems: z.array(item).nullish(),
  shipments: z.array(z.object({ shipmentId: z.string().nullish(), shippingStatus: z.string().nullish() })).nullish(),
});
type Order = z.infer<typeof order>;

/** Neither holds stock any more. */
const ENDED = ['cancelled', 'failed'];

/** An order number is unique in its site only. */
export const docId = (site: string, orderNo: string): string => `order:${site}/${orderNo}`;

/**
 * The state of one order. Stock is taken when the basket becomes an order (`created`), before it is placed. What left is told by
 * shipment, never by unit.
 * @throws QuantityError on a line with a quantity that no stock can have.
 */
function docOf(one: Order, site: string, config: SfccConfig): Doc {
  const shipped = new Set(
    (one.shipments ?? []).flatMap(({ shipmentId, shippingStatus }) =>
      shipmentId && shippingStatus === 'shipped' ? [shipmentId] : [],
    ),
  );
  const lines = (one.productItems ?? []).flatMap((each, index) => {
    const left = one.shippingStatus === 'shipped' || (each.shipmentId ? shipped.has(each.shipmentId) : false);
    return sold(each, String(index), config).map((line) => lineOf(line, one, left, config));
  });
  return {
    account: config.account,
    doc: docId(site, one.orderNo),
    rev: one.lastModified ?? null,
    whole: true,
    ...(one.channelType && { source: one.channelType }),
    saleAt: one.creationDate ?? one.lastModified ?? iso(0),
    paid: one.paymentStatus === 'paid',
    ...(one.status && { state: one.status }),
    lines,
  };
}

interface Sold {
  id: string;
  item: Item;
}

/** A bundle is taken from its parts, or from itself, as the inventory list is set. */
function sold(one: Item, index: string, config: SfccConfig): Sold[] {
  const id = one.itemId || String(one.position ?? index);
  const parts = (one.bundledProductItems ?? []).flatMap((part) => item.safeParse(part).data ?? []);
  if (parts.length === 0 || config.bundles === 'bundle') return [{ id, item: one }];
  return parts.map((part, place) => ({
    id: `${id}/${part.itemId || place}`,
    item: { ...part, shipmentId: part.shipmentId || one.shipmentId, inventoryId: part.inventoryId || one.inventoryId },
  }));
}

/** With Omnichannel Inventory a list may stand for a group of locations, which is no place. */
function placeOf(id: string | null | undefined, config: SfccConfig): string | null {
  if (!id || (config.stock === 'omnichannel' && !locationsOf(config).includes(id))) return null;
  return id;
}

function lineOf({ id, item: one }: Sold, whole: Order, left: boolean, config: SfccConfig): Line {
  const units = ENDED.includes(whole.status ?? '') ? 0 : readQuantity(one.quantity ?? 1);
  const part = {
    location: placeOf(one.inventoryId, config),
    committed: left ? 0 : Math.max(0, units),
    out: left ? units : 0,
    returned: 0,
    taken: units,
  };
  return { line: id, listing: one.productId || null, parts: [part] };
}

const one = z.looseObject({ data: z.unknown().optional() });

export async function fetchDocument(client: SfccClient, config: SfccConfig, doc: string): Promise<Doc | 'gone'> {
  const [, site, orderNo] = /^order:([^/]+)\/(.+)$/.exec(doc) ?? [];
  if (!site || !orderNo) return 'gone';
  const path = `/orders/${encodeURIComponent(orderNo)}?siteId=${encodeURIComponent(site)}`;
  try {
    const url = scapiUrl(config, 'checkout/orders', path);
    const { data } = await ask(client, 'order', { method: 'GET', url }, one);
    return docOf(order.parse(data), site, config);
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    throw error;
  }
}

const LIMIT = 200;
/** Told again: the offset shifts under changes, and a transaction stamps before others see it. */
const RETOLD_MS = 300_000;

/**
 * `startedMs`: their clock when the round began. `site`: which of the sites. `at`, `offset`: changed at or after that moment,
 * and how many of them were told; the offset is only used while one moment holds more than a page.
 */
const cursorShape = z.object({
  from: z.string(),
  round: z.object({ startedMs: z.number(), site: z.number(), at: z.string(), offset: z.number() }).nullable(),
});
type Cursor = z.infer<typeof cursorShape>;
type Round = NonNullable<Cursor['round']>;

const page = z.object({ data: z.array(z.unknown()).nullish() });

/** Orders of all sites by change time; the next page is asked for by time, because an answer names no next one. */
export async function pollOrders(
  client: SfccClient,
  config: SfccConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const now: Cursor = cursor === null ? { from: since, round: null } : cursorShape.parse(JSON.parse(cursor));
  const sites = sitesOf(config);
  const signals: Signal[] = [];
  for (let round = now.round; ; ) {
    const site = sites[round?.site ?? 0];
    if (site === undefined && round) return ended(round, signals);
    const query = new URLSearchParams({
      siteId: site ?? '',
      lastModifiedDateFrom: round?.at ?? now.from,
      sortBy: 'last_modified_date',
      sortOrder: 'asc',
      limit: String(LIMIT),
      offset: String(round?.offset ?? 0),
    });
    const url = scapiUrl(config, 'checkout/orders', `/orders?${query}`);
    const { data, startedMs } = await ask(client, 'orders', { method: 'GET', url }, page);
    round ??= { startedMs, site: 0, at: now.from, offset: 0 };
    const found = data.data ?? [];
    signals.push(...found.flatMap((row) => signalOf(row, site!, config)));
    if (found.length >= LIMIT) {
      const next: Cursor = { ...now, round: deeper(round, found) };
      return { signals, cursor: JSON.stringify(next), completeTo: null, more: true };
    }
    round = { ...round, site: round.site + 1, at: now.from, offset: 0 };
  }
}

function deeper(round: Round, found: unknown[]): Round {
  const last = record(found.at(-1))?.['lastModified'];
  const later = typeof last === 'string' && Date.parse(last) > Date.parse(round.at);
  return later ? { ...round, at: last, offset: 0 } : { ...round, offset: round.offset + found.length };
}

function ended({ startedMs }: Round, signals: Signal[]): FeedPage {
  const cursor: Cursor = { from: iso(startedMs - RETOLD_MS), round: null };
  return { signals, cursor: JSON.stringify(cursor), completeTo: iso(startedMs), more: false };
}

/** An order that cannot be made sense of is asked for by itself: then it is shown, and the others go on. */
function signalOf(row: unknown, site: string, config: SfccConfig): Signal[] {
  try {
    return [{ kind: 'document', doc: docOf(order.parse(row), site, config) }];
  } catch {
    const orderNo = record(row)?.['orderNo'];
    if (typeof orderNo !== 'string' || orderNo === '') return [];
    return [{ kind: 'document-changed', account: config.account, doc: docId(site, orderNo) }];
  }
}
