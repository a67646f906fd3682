import { z } from 'zod';
import type { Doc } from '../../domain/document.ts';
import { Failure } from '../../platform/failure.ts';
import type { WooConfig } from './config.ts';
import { docOf, needsRefunds, orderShape, refundShape, type WooRefund } from './order-doc.ts';
import { apiRequest, type WooClient } from './request.ts';
import { answer } from './shape.ts';

const REFUNDS_PER_PAGE = 100;

/** The order as it is now, with its refunds where it has any. Refunds are documents of their own and can be deleted again. */
export async function fetchDocument(client: WooClient, config: WooConfig, doc: string): Promise<Doc | 'gone'> {
  const number = doc.replace(/^order:/, '');
  try {
    const order = answer(
      await client.call('order', apiRequest(client, config, 'GET', `/orders/${number}`)),
      orderShape,
    );
    const refunds = needsRefunds(order) ? await fetchRefunds(client, config, order.id) : [];
    return docOf(order, refunds, config);
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    throw error;
  }
}

async function fetchRefunds(client: WooClient, config: WooConfig, order: string): Promise<WooRefund[]> {
  const refunds: WooRefund[] = [];
  for (let page = 1; ; page++) {
    const request = apiRequest(client, config, 'GET', `/orders/${order}/refunds`, { per_page: REFUNDS_PER_PAGE, page });
    const some = answer(await client.call('refunds', request), z.array(refundShape));
    refunds.push(...some);
    if (some.length < REFUNDS_PER_PAGE) return refunds;
  }
}
