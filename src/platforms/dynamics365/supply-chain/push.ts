import { quantity } from '../../../domain/quantity.ts';
import type { Outcome, Target } from '../../../platform/contract.ts';
import { Failure } from '../../../platform/failure.ts';
import { type DynamicsClient, readAnswer, record } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { facts } from '../facts.ts';
import { inventoryUrl } from './address.ts';
import { productsNamed } from './products.ts';
import { readWarehouses } from './warehouses.ts';

/**
 * Sets our own measure, absolutely, for up to 100 cells (Inventory Visibility takes 512). The time goes along, and the newest
 * one wins: a write that comes late undoes no newer one. It is accepted first and shown some seconds later.
 */
export async function pushLevels(
  client: DynamicsClient,
  config: DynamicsConfig,
  targets: Target[],
): Promise<Outcome[]> {
  const warehouses = await readWarehouses(client, config);
  // Read just before, so it exists; only what nobody read is looked up. Any name would be taken.
  const unread = targets.filter(({ from }) => !from).map(({ cell }) => cell.stockKey);
  const products = unread.length > 0 ? await productsNamed(client, config, unread) : new Map();
  const outcomes: Outcome[] = [];
  const ready: { target: Target; id: string; site: string; value: number }[] = [];
  for (const target of targets) {
    const { cell, want, from, key } = target;
    const counted = from ? from.tracked : products.get(cell.stockKey)?.counted;
    const warehouse = warehouses.get(cell.location);
    const failure = unwritable(target, counted, warehouse !== undefined);
    if (failure || !warehouse) {
      outcomes.push({ cell, result: 'failed', failure: failure ?? UNKNOWN() });
      continue;
    }
    // Reserved units are part of what is set, and not for sale.
    const value = from?.written === undefined ? want : quantity(from.written + (want - from.available));
    ready.push({ target, id: key, site: warehouse.site, value });
  }
  if (ready.length === 0) return outcomes;
  const body = ready.map(({ target: { cell, asOf }, id, site, value }) => ({
    id,
    organizationId: config.account,
    productId: cell.stockKey,
    dimensions: { siteId: site, locationId: cell.location },
    quantities: { [config.dataSource]: { [config.measure]: value } },
    modifiedDateTimeUTC: asOf,
  }));
  const answer = await client.call('writeStock', {
    method: 'POST',
    url: inventoryUrl(config, `setonhand/${encodeURIComponent(config.dataSource)}/bulk`),
    headers: { 'content-type': 'application/json', accept: 'application/json', 'api-version': '1.0' },
    body: JSON.stringify(body),
  });
  const refused = refusals(readAnswer(answer));
  for (const { target, id } of ready) {
    const failure = refused.get(id);
    outcomes.push(
      failure ? { cell: target.cell, result: 'failed', failure } : { cell: target.cell, result: 'pending' },
    );
  }
  return outcomes;
}

const UNKNOWN = () =>
  new Failure('gone', 'not-found', 'There is no such product or warehouse in Supply Chain Management.');

function unwritable({ want }: Target, counted: boolean | undefined, placed: boolean): Failure | undefined {
  if (counted === undefined || !placed) return UNKNOWN();
  if (!counted) return new Failure('rejected', 'not-counted', 'The product is a service: nothing of it lies anywhere.');
  if (Number.isFinite(want) && want >= facts.push.min && want <= facts.push.max) return undefined;
  return new Failure('rejected', 'out-of-range', `${want} is not a number of units that Onhand writes.`);
}

/** Rows that the answer says were not taken, by our key. */
function refusals(answer: unknown): Map<string, Failure> {
  const refused = new Map<string, Failure>();
  for (const entry of Array.isArray(answer) ? answer : []) {
    const row = record(entry);
    const id = row?.['id'];
    const status = Number(row?.['statusCode'] ?? 200);
    if (typeof id !== 'string' || (status < 400 && row?.['processingStatus'] !== 'failed')) continue;
    const message = typeof row?.['message'] === 'string' ? row['message'].slice(0, 300) : '';
    refused.set(
      id,
      new Failure('rejected', 'refused', `Inventory Visibility refused. It says: ${message}`, { status }),
    );
  }
  return refused;
}
