import type { Client, Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { apiRequest, listingsPath } from './address.ts';
import type { AmazonConfig } from './config.ts';
import { type AmazonOp, amazonFacts } from './facts.ts';
import { findItems } from './levels.ts';
import { ANY_PRODUCT_TYPE, isAmazons, levelsOf } from './listing.ts';
import { MERCHANT } from './order-state.ts';
import { writeHandle } from './settle.ts';
import { record, text } from './shape.ts';

/**
 * Sends absolute quantities, one PATCH per SKU (its places together). Accepted is not done: `ACCEPTED` is also the answer
 * for a SKU that does not exist, so existence is proved first and the effect later, by {@link settle}.
 * @throws Failure only when nothing at all was sent.
 */
export async function pushLevels(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  targets: Target[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const fail = (target: Target, failure: Failure) =>
    void outcomes.push({ cell: target.cell, result: 'failed', failure });
  const readFailure = await provedByReading(client, config, targets);
  const bySku = new Map<string, Target[]>();
  for (const target of targets) {
    const failure = unwritable(target) ?? readFailure(target);
    if (failure) fail(target, failure);
    else bySku.set(target.cell.stockKey, [...(bySku.get(target.cell.stockKey) ?? []), target]);
  }
  let stop: Failure | undefined;
  for (const [sku, group] of bySku) {
    try {
      if (stop) throw stop;
      const submission = await patch(client, config, sku, group);
      const at = client.now();
      for (const target of group)
        outcomes.push({ cell: target.cell, result: 'pending', handle: writeHandle(target, at, submission) });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const forAll = error.failure === 'throttled' || error.failure === 'auth';
      if (forAll && outcomes.length === 0) throw error;
      // The rest is not tried: it would meet the same wall, and it surely was not sent.
      if (forAll) stop = error;
      for (const target of group) fail(target, error);
    }
  }
  return outcomes;
}

/**
 * What the reading just before says against a write: no such SKU, or one that Amazon does not count. Targets that come
 * without one (their last write is still on its way) are looked up here.
 */
async function provedByReading(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  targets: Target[],
): Promise<(target: Target) => Failure | undefined> {
  const read = new Set(targets.filter((one) => one.from).map((one) => one.cell.stockKey));
  const unread = targets.filter((one) => !unwritable(one)).map((one) => one.cell.stockKey);
  const missing = [...new Set(unread)].filter((sku) => !read.has(sku));
  const found = await findItems(client, config, missing);
  return (target) => {
    const { stockKey, location } = target.cell;
    if (missing.includes(stockKey) && !found.has(stockKey))
      return new Failure('gone', 'unknown-item', `Amazon has no listing with the SKU "${stockKey}".`);
    const level = target.from ?? levelsOf(found.get(stockKey), config, '', [location])[0];
    if (level?.tracked !== false) return undefined;
    return new Failure(
      'rejected',
      'untracked-item',
      `Amazon shows no quantity for "${stockKey}": it does not count this offer. Enter one in Seller Central to have it counted.`,
    );
  };
}

function unwritable({ cell, want }: Target): Failure | undefined {
  const { min, max } = amazonFacts.push;
  if (isAmazons(cell.location))
    return new Failure(
      'rejected',
      'read-only-location',
      'Stock in Amazon warehouses changes by shipments to Amazon only.',
    );
  if (!Number.isInteger(want) || want < min || want > max)
    return new Failure(
      'rejected',
      'impossible-quantity',
      `Amazon takes whole numbers from ${min} to ${max}, not ${want}.`,
    );
  return undefined;
}

/** @returns Amazon's number of the submission */
async function patch(client: Client<AmazonOp>, config: AmazonConfig, sku: string, group: Target[]): Promise<string> {
  const extra = group.find((target) => target.extra)?.extra ?? {};
  const value = group.map(({ cell, want }) => ({ fulfillment_channel_code: cell.location, quantity: want }));
  // With several places the single pool must stand at nothing, or its units are for sale a second time.
  if (group.some(({ cell }) => cell.location !== MERCHANT))
    value.push({ fulfillment_channel_code: MERCHANT, quantity: 0 });
  const request = apiRequest(
    config,
    'PATCH',
    listingsPath(config.account, sku),
    { marketplaceIds: [extra['marketplaceId'] ?? config.marketplaceIds[0]!], issueLocale: 'en_US' },
    {
      productType: extra['productType'] ?? ANY_PRODUCT_TYPE,
      // merge keeps what stands beside the quantity (days to ship); replace would wipe it.
      patches: [{ op: 'merge', path: '/attributes/fulfillment_availability', value }],
    },
  );
  const body = record(readJson(bodyText(await client.call('patchListingsItem', request))));
  return text(body['submissionId']) ?? '';
}
