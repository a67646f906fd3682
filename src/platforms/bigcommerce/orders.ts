import { z } from 'zod';
import type { Doc } from '../../domain/document.ts';
import { Failure } from '../../platform/failure.ts';
import { apiRequest, type BigClient, id, readAs } from './api.ts';
import type { BigConfig } from './config.ts';
import { docOf, ORDER_QUERY, orderShape } from './order-doc.ts';

/** The order as it is now. An archived one can still be read; 404 means gone. */
export async function fetchDocument(client: BigClient, config: BigConfig, doc: string): Promise<Doc | 'gone'> {
  const number = doc.replace(/^order:/, '');
  const path = `/v2/orders/${encodeURIComponent(number)}`;
  try {
    const response = await client.call('order', apiRequest(config, 'GET', path, ORDER_QUERY));
    const raw = readAs(response, z.looseObject({ id }), path);
    try {
      return docOf(orderShape.parse({ ...raw }), config);
    } catch (error) {
      throw new Failure(
        'rejected',
        'odd-order',
        `${doc} is not as BigCommerce makes orders. Look at it in the control panel: ${reason(error)}.`,
        { cause: error },
      );
    }
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    throw error;
  }
}

function reason(error: unknown): string {
  const [issue] = error instanceof z.ZodError ? error.issues : [];
  if (issue) return `${issue.path.join('.')}: ${issue.message}`;
  return error instanceof Error ? error.message : 'unreadable';
}
