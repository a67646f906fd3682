import type { Doc } from '../../domain/document.ts';
import { Failure } from '../../platform/failure.ts';
import type { PrestaConfig } from './config.ts';
import { DETAIL_FIELDS, docOf, HISTORY_FIELDS, ORDER_FIELDS, type Papers } from './order-doc.ts';
import { among, apiRequest, type PrestaClient } from './request.ts';
import { readShop } from './shop.ts';
import { answer, type Element } from './xml.ts';

/** Lines and past states of these orders, in two calls for all. */
export async function papersOf(
  client: PrestaClient,
  config: PrestaConfig,
  orders: readonly Element[],
): Promise<Papers[]> {
  if (orders.length === 0) return [];
  const of = among(orders.map(({ id }) => id ?? '0'));
  const list = (op: 'details' | 'histories', path: string, display: string) =>
    client.call(op, apiRequest(config, 'GET', path, { display, 'filter[id_order]': of, sort: '[id_ASC]' }));
  const details = answer(await list('details', '/order_details', DETAIL_FIELDS), 'order_details', 'order_detail');
  const histories = answer(
    await list('histories', '/order_histories', HISTORY_FIELDS),
    'order_histories',
    'order_history',
  );
  const own = (rows: readonly Element[], id: string | undefined) => rows.filter((row) => row['id_order'] === id);
  return orders.map((order) => ({
    order,
    details: own(details, order['id']),
    states: new Set(own(histories, order['id']).flatMap(({ id_order_state }) => id_order_state ?? [])),
  }));
}

/** The order as it is now. */
export async function fetchDocument(client: PrestaClient, config: PrestaConfig, doc: string): Promise<Doc | 'gone'> {
  const id = doc.replace(/^order:/, '');
  const query = { display: ORDER_FIELDS, 'filter[id]': among([id]) };
  const response = await client.call('order', apiRequest(config, 'GET', '/orders', query));
  const [order] = answer(response, 'orders', 'order').filter((one) => one['id'] === id);
  // Asked for as a list: an id that does not exist is then an empty answer of the shop, and no 404 of anybody's.
  if (!order) return 'gone';
  const [papers] = await papersOf(client, config, [order]);
  const shop = await readShop(client, config);
  try {
    return docOf(papers!, shop, config);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : '';
    throw new Failure(
      'rejected',
      'odd-order',
      `${doc} is not as PrestaShop makes orders (${what}). Look at it in the back office: a module may have changed it.`,
      { cause },
    );
  }
}
