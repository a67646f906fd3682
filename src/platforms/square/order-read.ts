import { z } from 'zod';
import type { Doc } from '../../domain/document.ts';
import { QuantityError } from '../../domain/quantity.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type SquareClient } from './api.ts';
import type { SquareConfig } from './config.ts';
import { orderShape, type SquareOrder } from './order-shape.ts';
import { docOf } from './orders.ts';
import { restockedBy } from './restock.ts';

const answer = z.object({ order: orderShape });

/** One order, with what its return put back on the shelf. `gone` when Square does not know it. */
export async function fetchOrder(client: SquareClient, config: SquareConfig, id: string): Promise<Doc | 'gone'> {
  let order: SquareOrder;
  try {
    const call = { method: 'GET' as const, path: `/v2/orders/${encodeURIComponent(id)}` };
    ({ order } = (await ask(client, config, 'order', call, answer)).data);
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    throw error;
  }
  try {
    const restocked = await restockedBy(client, config, [order]);
    return docOf(order, config.account, restocked(order));
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    throw new Failure(
      'rejected',
      'unreadable-order',
      `Order ${id} has a quantity that no stock can have: ${error.message}.`,
      {
        cause: error,
      },
    );
  }
}
