import { z } from 'zod';
import type { Doc } from '../../../domain/document.ts';
import { Failure } from '../../../platform/failure.ts';
import { ask, type DynamicsClient, GUID, odata } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { companyUrl } from './address.ts';
import {
  docOfInvoice,
  docOfInvoices,
  docOfMemo,
  docOfOrder,
  invoiceShape,
  memoShape,
  orderOf,
  orderShape,
} from './documents.ts';

const invoicesOf = z.object({ value: z.array(invoiceShape) });

/** `order:<id>`, `invoice:<id>`, `credit:<id>`. */
export async function fetchDocument(
  client: DynamicsClient,
  config: DynamicsConfig,
  doc: string,
): Promise<Doc | 'gone'> {
  const [kind, id = ''] = doc.split(':', 2);
  if (!GUID.test(id)) return 'gone';
  const { account } = config;
  if (kind === 'order')
    return (await openOrder(client, config, id)) ?? (await postedOrder(client, config, id)) ?? 'gone';
  if (kind === 'invoice') {
    const invoice = await one(client, config, `salesInvoices(${id})`, 'salesInvoiceLines', invoiceShape);
    // One posted from an order is a part of that order's state.
    return invoice && !orderOf(invoice) ? docOfInvoice(invoice, account) : 'gone';
  }
  const memo = await one(client, config, `salesCreditMemos(${id})`, 'salesCreditMemoLines', memoShape);
  return memo ? docOfMemo(memo, account) : 'gone';
}

async function openOrder(client: DynamicsClient, config: DynamicsConfig, id: string): Promise<Doc | undefined> {
  const order = await one(client, config, `salesOrders(${id})`, 'salesOrderLines', orderShape);
  return order && docOfOrder(order, config.account);
}

/** Posting the last of an order deletes it and leaves invoices; deleting it by hand leaves nothing. */
async function postedOrder(client: DynamicsClient, config: DynamicsConfig, id: string): Promise<Doc | undefined> {
  const url = odata(`${companyUrl(config)}/salesInvoices`, { filter: `orderId eq ${id}`, expand: 'salesInvoiceLines' });
  const { data } = await ask(client, 'order', { method: 'GET', url }, invoicesOf);
  return docOfInvoices(id.toLowerCase(), data.value, config.account);
}

async function one<T>(
  client: DynamicsClient,
  config: DynamicsConfig,
  path: string,
  expand: string,
  shape: z.ZodType<T>,
): Promise<T | undefined> {
  try {
    const url = odata(`${companyUrl(config)}/${path}`, { expand });
    return (await ask(client, 'order', { method: 'GET', url }, shape)).data;
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return undefined;
    throw error;
  }
}
