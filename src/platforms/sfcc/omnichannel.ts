import { createHash } from 'node:crypto';
import { z } from 'zod';
import { quantity, readQuantity } from '../../domain/quantity.ts';
import type { CellKey, Outcome, Page, RemoteLevel, RemoteLocation, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, iso, readAnswer, type SfccClient, scapiUrl } from './api.ts';
import { locationsOf, placesOf, type SfccConfig } from './config.ts';
import { facts, type SfccOp } from './facts.ts';
import { productPage } from './product-page.ts';

/** SKUs times locations of one question. */
const ASKED_MAX = 100;

const answer = z.object({
  locations: z
    .array(
      z.object({
        id: z.string(),
        records: z
          .array(z.object({ sku: z.string(), onHand: z.unknown().optional(), atf: z.unknown().optional() }))
          .nullish(),
      }),
    )
    .nullish(),
});

const apiUrl = (config: SfccConfig, action: string): string =>
  scapiUrl(config, 'inventory/availability', `/availability-records/actions/${action}`, config.tenantGroupId ?? '');

/** There is no list of locations to be had without an export: the settings name them. */
export const listLocations = async (_client: SfccClient, config: SfccConfig): Promise<RemoteLocation[]> =>
  placesOf(config).map(({ id, name }) => ({ location: id, name, active: true }));

/**
 * `atf` is what can be fulfilled now: on hand less what is reserved and held back. What is written is on hand, which falls when
 * an order is fulfilled, not when it is placed.
 */
export async function availability(
  client: SfccClient,
  config: SfccConfig,
  op: SfccOp,
  skus: readonly string[],
  locations: readonly string[],
): Promise<RemoteLevel[]> {
  const levels: RemoteLevel[] = [];
  const step = Math.max(1, Math.floor(ASKED_MAX / Math.max(1, locations.length)));
  for (let start = 0; start < skus.length; start += step) {
    const readAt = iso(client.now());
    const body = { skus: skus.slice(start, start + step), locations };
    const headers = { 'correlation-id': client.uuid() };
    const url = apiUrl(config, 'get-availability');
    const { data } = await ask(client, op, { method: 'POST', url, body, headers }, answer);
    for (const { id: location, records } of data.locations ?? [])
      for (const { sku, onHand, atf } of records ?? [])
        try {
          const [available, written] = [readQuantity(atf ?? 0), readQuantity(onHand ?? 0)];
          levels.push({ stockKey: sku, location, available, written, tracked: true, readAt });
        } catch {
          // One absurd row hides no others.
        }
  }
  return levels;
}

/** By the catalogue's pages. A product without any record is counted nowhere. */
export async function listLevels(
  client: SfccClient,
  config: SfccConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const { found, next } = await productPage(client, config, Number(cursor ?? 0));
  const readAt = iso(client.now());
  const skus = found.map(({ id }) => id);
  const levels = await availability(client, config, 'availability', skus, locationsOf(config));
  const counted = new Set(levels.map(({ stockKey }) => stockKey));
  const uncounted = skus
    .filter((sku) => !counted.has(sku))
    .flatMap((stockKey) =>
      locationsOf(config).map((location) => ({ stockKey, location, available: 0, tracked: false, readAt })),
    );
  return { items: [...levels, ...uncounted], next: next === null ? null : String(next) };
}

export async function readLevels(
  client: SfccClient,
  config: SfccConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const known = new Set(locationsOf(config));
  const wanted = cells.filter(({ location }) => known.has(location));
  if (wanted.length === 0) return [];
  const asked = new Set(wanted.map(({ stockKey, location }) => `${stockKey}\n${location}`));
  const skus = [...new Set(wanted.map(({ stockKey }) => stockKey))];
  const locations = [...new Set(wanted.map(({ location }) => location))];
  const levels = await availability(client, config, 'readAvailability', skus, locations);
  return levels.filter(({ stockKey, location }) => asked.has(`${stockKey}\n${location}`));
}

/** The service wants a UUID; keys of another form are turned into one, always the same. */
export function recordId(key: string): string {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(key)) return key.toLowerCase();
  const hex = createHash('sha256').update(key).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** On hand, absolutely, in one call: the same id does it once, however often it is sent. All good is 204, else 200 with errors. */
export async function pushLevels(client: SfccClient, config: SfccConfig, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const ready: { target: Target; id: string; onHand: number }[] = [];
  for (const target of await withReadings(client, config, targets)) {
    const onHand = target.from ? quantity(target.from.written! + (target.want - target.from.available)) : 0;
    const failure = unwritable(target, onHand);
    if (failure) outcomes.push({ cell: target.cell, result: 'failed', failure });
    else ready.push({ target, id: recordId(target.key), onHand });
  }
  if (ready.length === 0) return outcomes;
  const records = ready.map(({ target: { cell, asOf, key }, id, onHand }) => ({
    id,
    sku: cell.stockKey,
    location: cell.location,
    onHand,
    effectiveDate: asOf,
    externalRefId: key,
  }));
  const response = await client.call('writeAvailability', {
    method: 'POST',
    url: apiUrl(config, 'batch-update'),
    headers: { 'content-type': 'application/json', accept: 'application/json', 'correlation-id': client.uuid() },
    body: JSON.stringify({ records }),
  });
  const refused = response.status === 204 ? new Map<string, Failure>() : refusals(readAnswer(response));
  for (const { target, id } of ready) {
    const failure = refused.get(id);
    const { cell } = target;
    outcomes.push(failure ? { cell, result: 'failed', failure } : { cell, result: 'applied' });
  }
  return outcomes;
}

/** Any SKU would be taken; one that nobody read is read first. */
async function withReadings(client: SfccClient, config: SfccConfig, targets: Target[]): Promise<Target[]> {
  const unread = targets.filter(({ from }) => !from).map(({ cell }) => cell);
  if (unread.length === 0) return targets;
  const levels = await readLevels(client, config, unread);
  return targets.map((target) => {
    if (target.from) return target;
    const { stockKey, location } = target.cell;
    const from = levels.find((level) => level.stockKey === stockKey && level.location === location);
    return from ? { ...target, from } : target;
  });
}

function unwritable({ want, from }: Target, onHand: number): Failure | undefined {
  if (from?.written === undefined)
    return new Failure('gone', 'no-record', 'Omnichannel Inventory has no record of this SKU there. Import one first.');
  if (Number.isFinite(want) && want >= facts.push.min && onHand >= 0 && onHand <= facts.push.max) return undefined;
  return new Failure('rejected', 'out-of-range', `${want} is not a number of units that can be written there.`);
}

const errors = z.object({
  errors: z
    .array(
      z.object({
        errorCode: z.string().nullish(),
        message: z.string().nullish(),
        details: z.object({ id: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
});

function refusals(told: unknown): Map<string, Failure> {
  const refused = new Map<string, Failure>();
  for (const { errorCode, message, details } of errors.safeParse(told).data?.errors ?? []) {
    if (!details?.id) continue;
    const gone = errorCode === 'LocationDoesNotExist';
    const said = [errorCode, message].filter(Boolean).join(', ');
    const failure = new Failure(
      gone ? 'gone' : 'rejected',
      gone ? 'no-location' : 'refused',
      `Omnichannel Inventory refused. It says: ${said}`,
      { ...(errorCode && { platformCode: errorCode }) },
    );
    refused.set(details.id, failure);
  }
  return refused;
}
