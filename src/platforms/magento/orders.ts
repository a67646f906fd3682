import { z } from 'zod';
import type { Doc } from '../../domain/document.ts';
import { Failure } from '../../platform/failure.ts';
import type { MagentoConfig } from './config.ts';
import { docOf, ORDER_FIELDS, orderShape } from './order-doc.ts';
import { apiRequest, type MagentoClient } from './request.ts';
import { answer, id } from './shape.ts';
import { shopKnowing } from './shop.ts';

/** The order as it is now. */
export async function fetchDocument(client: MagentoClient, config: MagentoConfig, doc: string): Promise<Doc | 'gone'> {
  const number = doc.replace(/^order:/, '');
  try {
    const request = apiRequest(client, config, 'GET', `/orders/${number}`, [['fields', ORDER_FIELDS]]);
    const response = await client.call('order', request);
    const order = orderShape.safeParse(answer(response, z.looseObject({ entity_id: id })));
    if (!order.success) throw unreadable(doc, order.error);
    const shop = await shopKnowing(client, config, [order.data.store_id]);
    try {
      return docOf(order.data, shop, config);
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
    `${doc} is not as Magento makes orders (${what}). Look at it in the back office: a module may have changed it.`,
    { cause },
  );
}
