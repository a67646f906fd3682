import { z } from 'zod';
import type { Doc } from '../../domain/document.ts';
import { Failure } from '../../platform/failure.ts';
import { apiRequest, type BigClient, id, readAs } from './api.ts';
import { onlyVariants } from './catalogue.ts';
import type { BigConfig } from './config.ts';
import { type BigOrder, docOf, ORDER_QUERY, orderShape, withoutVariant } from './order-doc.ts';

/** The order as it is now. An archived one can still be read; 404 means gone. */
export async function fetchDocument(client: BigClient, config: BigConfig, doc: string): Promise<Doc | 'gone'> {
  const number = doc.replace(/^order:/, '');
  const path = `/v2/orders/${encodeURIComponent(number)}`;
  try {
    const response = await client.call('order', apiRequest(config, 'GET', path, ORDER_QUERY));
    const raw = readAs(response, z.looseObject({ id }), path);
    const order = understood(doc, () => orderShape.parse({ ...raw }));
    const variants = await onlyVariants(client, config, withoutVariant(order));
    return understood<Doc>(doc, () => docOf(order, config, variants));
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    throw error;
  }
}

/** It is an order, and no number of units: asking again will not help, a person has to look. */
function understood<T extends Doc | BigOrder>(doc: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Failure(
      'rejected',
      'odd-order',
      `${doc} is not as BigCommerce makes orders. Look at it in the control panel: ${reason(error)}.`,
      { cause: error },
    );
  }
}

function reason(error: unknown): string {
  const [issue] = error instanceof z.ZodError ? error.issues : [];
  if (issue) return `${issue.path.join('.')}: ${issue.message}`;
  return error instanceof Error ? error.message : 'unreadable';
}
