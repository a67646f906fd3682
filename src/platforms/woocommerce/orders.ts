import { z } from 'zod';
import type { Doc } from '../../domain/document.ts';
import { Failure } from '../../platform/failure.ts';
import type { WooConfig } from './config.ts';
import {
  docOf,
  needsRefunds,
  ORDER_FIELDS,
  orderShape,
  REFUND_FIELDS,
  refundShape,
  type WooRefund,
} from './order-doc.ts';
import { apiRequest, type WooClient } from './request.ts';
import { answer, id } from './shape.ts';

const REFUNDS_PER_PAGE = 100;

/** The order as it is now, with its refunds where it has any. Refunds are documents of their own and can be deleted again. */
export async function fetchDocument(client: WooClient, config: WooConfig, doc: string): Promise<Doc | 'gone'> {
  const number = doc.replace(/^order:/, '');
  try {
    const response = await client.call(
      'order',
      apiRequest(client, config, 'GET', `/orders/${number}`, { _fields: ORDER_FIELDS }),
    );
    const order = orderShape.safeParse(answer(response, z.looseObject({ id })));
    if (!order.success) throw unreadable(doc, order.error);
    const refunds = needsRefunds(order.data) ? await fetchRefunds(client, config, order.data.id) : [];
    try {
      return docOf(order.data, refunds, config);
    } catch (error) {
      throw unreadable(doc, error);
    }
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    throw error;
  }
}

/** It is an order, and no number of units: asking again will not help, a person has to look. */
function unreadable(doc: string, cause: unknown): Failure {
  const [issue] = cause instanceof z.ZodError ? cause.issues : [];
  const what = issue ? `${issue.path.join('.')}: ${issue.message}` : cause instanceof Error ? cause.message : '';
  return new Failure(
    'rejected',
    'odd-order',
    `${doc} is not as WooCommerce makes orders (${what}). Look at it in the shop: a plugin may have changed it.`,
    { cause },
  );
}

async function fetchRefunds(client: WooClient, config: WooConfig, order: string): Promise<WooRefund[]> {
  const refunds: WooRefund[] = [];
  for (let page = 1; ; page++) {
    const request = apiRequest(client, config, 'GET', `/orders/${order}/refunds`, {
      per_page: REFUNDS_PER_PAGE,
      page,
      _fields: REFUND_FIELDS,
    });
    const some = answer(await client.call('refunds', request), z.array(refundShape));
    refunds.push(...some);
    if (some.length < REFUNDS_PER_PAGE) return refunds;
  }
}
