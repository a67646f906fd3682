import { z } from 'zod';
import type { Doc, Line } from '../../../domain/document.ts';
import { quantity, readQuantity } from '../../../domain/quantity.ts';
import { type FeedPage, NO_LOCATION, type Signal } from '../../../platform/contract.ts';
import { Failure } from '../../../platform/failure.ts';
import { ask, type DynamicsClient, following, GUID, idOf, odata, record } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { pollLists } from '../walk.ts';
import { baseUrl } from './address.ts';

const line = z.object({
  salesorderdetailid: z.string().min(1),
  _productid_value: z.string().nullish(),
  quantity: z.unknown().optional(),
  quantityshipped: z.unknown().optional(),
  quantitycancelled: z.unknown().optional(),
});
const order = z.object({
  salesorderid: z.string().min(1),
  ordernumber: z.string().nullish(),
  statecode: z.number(),
  statuscode: z.number().nullish(),
  createdon: z.string(),
  modifiedon: z.string(),
  order_details: z.array(line),
  'order_details@odata.nextLink': z.string().nullish(),
});
type Order = z.infer<typeof order>;

const LINE = 'salesorderdetailid,_productid_value,quantity,quantityshipped,quantitycancelled';
const SELECT = 'salesorderid,ordernumber,statecode,statuscode,createdon,modifiedon';
const EXPAND = `order_details($select=${LINE})`;

/** `statecode` of an order; shown to people. */
const STATES = ['Active', 'Submitted', 'Canceled', 'Fulfilled', 'Invoiced'];
const CANCELED = 2;
const FULFILLED = 3;
/** `statuscode` of an order that is fulfilled in part only. */
const PARTIAL = 100_002;

/**
 * One order. An order that is fulfilled or invoiced has gone, but for what its lines say was cancelled; else its lines say what
 * was shipped. Nothing of it is ever taken off `quantityonhand` by Dynamics itself.
 * @throws QuantityError on a line with a quantity that no stock can have.
 */
function docOf(one: Order, account: string): Doc {
  const whole = one.statecode > FULFILLED || (one.statecode === FULFILLED && one.statuscode !== PARTIAL);
  const lines = one.order_details.flatMap((detail): Line[] => {
    const listing = idOf(detail._productid_value);
    // Written in by hand: no product, no stock.
    if (!listing) return [];
    const asked = quantity(readQuantity(detail.quantity ?? 0) - readQuantity(detail.quantitycancelled ?? 0));
    const out = whole ? asked : readQuantity(detail.quantityshipped ?? 0);
    const committed = one.statecode === CANCELED ? 0 : Math.max(0, quantity(asked - out));
    const part = { location: NO_LOCATION, committed, out, returned: 0, taken: 0 };
    return [{ line: detail.salesorderdetailid.toLowerCase(), listing, parts: [part] }];
  });
  return {
    account,
    doc: `order:${one.salesorderid.toLowerCase()}`,
    rev: one.modifiedon,
    whole: !one['order_details@odata.nextLink'],
    saleAt: one.createdon,
    state: STATES[one.statecode] ?? String(one.statecode),
    lines,
  };
}

export async function fetchDocument(
  client: DynamicsClient,
  config: DynamicsConfig,
  doc: string,
): Promise<Doc | 'gone'> {
  const [kind, id = ''] = doc.split(':', 2);
  if (kind !== 'order' || !GUID.test(id)) return 'gone';
  const url = odata(`${baseUrl(config)}/salesorders(${id})`, { select: SELECT, expand: EXPAND });
  try {
    const { data } = await ask(client, 'order', { method: 'GET', url }, order);
    return docOf(await withAllLines(client, config, data), config.account);
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    throw error;
  }
}

const lines = z.object({ value: z.array(line), '@odata.nextLink': z.string().nullish() });

/** Dataverse cuts long expanded lists and says where they go on. */
async function withAllLines(client: DynamicsClient, config: DynamicsConfig, one: Order): Promise<Order> {
  const all = [...one.order_details];
  let next = following(one['order_details@odata.nextLink'], baseUrl(config));
  while (next !== null) {
    const { data } = await ask(client, 'order', { method: 'GET', url: next }, lines);
    all.push(...data.value);
    next = following(data['@odata.nextLink'], baseUrl(config));
  }
  return { ...one, order_details: all, 'order_details@odata.nextLink': null };
}

/** Orders by change time, then lines: shipping a line does not always touch its order. */
export function pollOrders(
  client: DynamicsClient,
  config: DynamicsConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const { account } = config;
  const by = (table: string, at: string, select: string, expand?: string) =>
    odata(`${baseUrl(config)}/${table}`, { select, filter: `modifiedon ge ${at}`, orderby: 'modifiedon', expand });
  const changed = (id: unknown): Signal[] => {
    const known = idOf(typeof id === 'string' ? id : null);
    return known ? [{ kind: 'document-changed', account, doc: `order:${known}` }] : [];
  };
  return pollLists(
    client,
    {
      base: baseUrl(config),
      pageSize: 100,
      lists: [
        {
          url: (at) => by('salesorders', at, SELECT, EXPAND),
          changed: 'modifiedon',
          signals(row) {
            try {
              const doc = docOf(order.parse(row), account);
              if (doc.whole) return [{ kind: 'document', doc }];
            } catch {
              // Asked for by itself: then it is shown, and the others go on.
            }
            return changed(record(row)?.['salesorderid']);
          },
        },
        {
          url: (at) => by('salesorderdetails', at, '_salesorderid_value,modifiedon'),
          changed: 'modifiedon',
          signals: (row) => changed(record(row)?.['_salesorderid_value']),
        },
      ],
    },
    cursor,
    since,
  );
}
