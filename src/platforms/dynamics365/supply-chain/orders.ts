import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Doc, Line } from '../../../domain/document.ts';
import { quantity, readQuantity } from '../../../domain/quantity.ts';
import type { FeedPage, Signal } from '../../../platform/contract.ts';
import { ask, type DynamicsClient, following, quoted, record } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { pollLists } from '../walk.ts';
import { dataUrl, rowsOf } from './address.ts';

const headers = z.object({
  value: z.array(
    z.object({
      SalesOrderNumber: z.string(),
      SalesOrderStatus: z.string().nullish(),
      SalesOrderProcessingStatus: z.string().nullish(),
      OrderCreationDateTime: z.string().nullish(),
    }),
  ),
});
const line = z.looseObject({
  SalesOrderNumber: z.string(),
  InventoryLotId: z.string().min(1),
  ItemNumber: z.string().nullish(),
  OrderedSalesQuantity: z.unknown().optional(),
  ShippingWarehouseId: z.string().nullish(),
  SalesOrderLineStatus: z.string().nullish(),
});
const lines = z.object({ value: z.array(line), '@odata.nextLink': z.string().nullish() });

const HEADER = 'SalesOrderNumber,SalesOrderStatus,SalesOrderProcessingStatus,OrderCreationDateTime';
const lineColumns = ({ remainingColumn }: DynamicsConfig): string =>
  [
    'SalesOrderNumber,InventoryLotId,ItemNumber,OrderedSalesQuantity,ShippingWarehouseId,SalesOrderLineStatus',
    ...(remainingColumn ? [remainingColumn] : []),
  ].join(',');

const GONE = ['Delivered', 'Invoiced'];
const CANCELED = 'Canceled';

/**
 * A line goes as a whole, unless the company has added a column with what remains. Below zero it is a return, which counts once
 * it has been received. Our own measure is never lowered by Supply Chain Management.
 * @throws QuantityError on a quantity that no stock can have.
 */
function lineOf(one: z.infer<typeof line>, config: DynamicsConfig): Line[] {
  const listing = one.ItemNumber;
  if (!listing) return [];
  const ordered = readQuantity(one.OrderedSalesQuantity ?? 0);
  const status = one.SalesOrderLineStatus ?? '';
  const told = config.remainingColumn === undefined ? undefined : one[config.remainingColumn];
  const still = GONE.includes(status) ? 0 : told === undefined || told === null ? ordered : readQuantity(told);
  const out = status === CANCELED ? 0 : quantity(ordered - still);
  const committed = status === CANCELED ? 0 : Math.max(0, still);
  const location = one.ShippingWarehouseId || null;
  return [{ line: one.InventoryLotId, listing, parts: [{ location, committed, out, returned: 0, taken: 0 }] }];
}

export async function fetchDocument(
  client: DynamicsClient,
  config: DynamicsConfig,
  doc: string,
): Promise<Doc | 'gone'> {
  const number = doc.replace(/^order:/, '');
  const filter = `SalesOrderNumber eq ${quoted(number)}`;
  const url = rowsOf(config, 'SalesOrderHeadersV2', { select: HEADER, filter });
  const { data } = await ask(client, 'order', { method: 'GET', url }, headers);
  const [header] = data.value;
  if (!header) return 'gone';
  const found: Line[] = [];
  for (
    let next: string | null = rowsOf(config, 'SalesOrderLines', { select: lineColumns(config), filter });
    next !== null;
  ) {
    const page: { data: z.infer<typeof lines> } = await ask(client, 'order', { method: 'GET', url: next }, lines);
    found.push(...page.data.value.flatMap((one) => lineOf(one, config)));
    next = following(page.data['@odata.nextLink'], dataUrl(config));
  }
  const state = header.SalesOrderProcessingStatus ?? header.SalesOrderStatus;
  return {
    account: config.account,
    doc: `order:${header.SalesOrderNumber}`,
    // No column says when it changed.
    rev: null,
    whole: true,
    saleAt: header.OrderCreationDateTime ?? new Date(0).toISOString(),
    ...(state && { state }),
    lines: found,
  };
}

const OPEN = "SalesOrderLineStatus eq Microsoft.Dynamics.DataEntities.SalesStatus'Backorder'";
/** The service's own maximum. */
const LINES = 10_000;

/**
 * No column says when an order changed. So: orders by when they were made, and every open line with a mark of what it says. A
 * mark that is new or missing is an order that changed; one made and shipped between two rounds is told by the first list.
 */
export function pollOrders(
  client: DynamicsClient,
  config: DynamicsConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const changed = (number: string): Signal => ({
    kind: 'document-changed',
    account: config.account,
    doc: `order:${number}`,
  });
  const ofMark = (mark: string): Signal => changed(mark.slice(0, mark.lastIndexOf('~')));
  return pollLists(
    client,
    {
      base: dataUrl(config),
      pageSize: 100,
      lists: [
        {
          url: (at) =>
            rowsOf(config, 'SalesOrderHeadersV2', {
              select: HEADER,
              filter: `OrderCreationDateTime ge ${at}`,
              orderby: 'OrderCreationDateTime',
            }),
          changed: 'OrderCreationDateTime',
          signals(row) {
            const number = record(row)?.['SalesOrderNumber'];
            return typeof number === 'string' && number !== '' ? [changed(number)] : [];
          },
        },
      ],
      present: {
        url: rowsOf(config, 'SalesOrderLines', {
          select: lineColumns(config),
          filter: OPEN,
          orderby: 'InventoryLotId',
        }),
        pageSize: LINES,
        id: (row) => markOf(row),
        gone: ofMark,
        fresh: ofMark,
      },
    },
    cursor,
    since,
  );
}

/** The order, and twelve letters of what this line says: a cursor may hold thousands. */
function markOf(row: unknown): string | undefined {
  const told = record(row);
  const number = told?.['SalesOrderNumber'];
  if (typeof number !== 'string' || number === '') return undefined;
  const said = Object.entries(told ?? {})
    .filter(([name]) => !name.includes('@'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `${number}~${createHash('sha256').update(JSON.stringify(said)).digest('base64url').slice(0, 12)}`;
}
