import type { Doc } from '../../domain/document.ts';
import { Failure } from '../../platform/failure.ts';
import { accountUrl, ask, type LightspeedClient, rowsOf } from './api.ts';
import type { LightspeedConfig } from './config.ts';
import { lineShape, saleShape } from './sale-shape.ts';
import { docOfReservation, docOfSale } from './sales.ts';

/** What is asked for with a sale, in the feed too. */
export const SALE_RELATIONS = '["SaleLines","SaleLines.InventorySales"]';
export const LINE_RELATIONS = '["InventorySales"]';

/** A sale or a reservation by its own number. `gone` when Lightspeed does not know it: a reservation that was given up. */
export async function fetchDocument(
  client: LightspeedClient,
  config: LightspeedConfig,
  doc: string,
): Promise<Doc | 'gone'> {
  const [, kind, id] = /^(sale|reservation):(\d{1,20})$/.exec(doc) ?? [];
  if (id === undefined) return 'gone';
  const isSale = kind === 'sale';
  const query = new URLSearchParams({ load_relations: isSale ? SALE_RELATIONS : LINE_RELATIONS });
  const name = isSale ? 'Sale' : 'SaleLine';
  let row: unknown;
  try {
    const url = accountUrl(config, `/${name}/${id}.json?${query}`);
    const { data } = await ask(client, isSale ? 'sale' : 'line', { method: 'GET', url });
    [row] = rowsOf(data[name]);
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    throw error;
  }
  if (row === undefined) return 'gone';
  try {
    return isSale ? docOfSale(saleShape.parse(row), config) : docOfReservation(lineShape.parse(row), config);
  } catch (cause) {
    throw new Failure('rejected', 'unreadable-order', `${name} ${id} has a member that Onhand cannot read.`, { cause });
  }
}
