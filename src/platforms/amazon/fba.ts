import { readQuantity } from '../../domain/quantity.ts';
import type { Client, RemoteLevel } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { apiRequest, type Query } from './address.ts';
import type { AmazonConfig } from './config.ts';
import type { AmazonOp } from './facts.ts';
import { list, record, text } from './shape.ts';

/** What Amazon's warehouses can ship now, SKU by SKU; its page tokens live 30 seconds. */
export async function fbaPage(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  ask: { skus?: readonly string[]; token?: string; marketplaceId: string },
): Promise<{ levels: RemoteLevel[]; token: string | null }> {
  const readAt = new Date(client.now()).toISOString();
  const request = apiRequest(config, 'GET', '/fba/inventory/v1/summaries', {
    granularityType: 'Marketplace',
    granularityId: ask.marketplaceId,
    marketplaceIds: [ask.marketplaceId],
    details: 'true',
    ...skuQuery(ask.skus),
    nextToken: ask.token,
  });
  const body = record(readJson(bodyText(await client.call('getInventorySummaries', request))));
  const levels = list(record(body['payload'])['inventorySummaries'])
    .map(record)
    .flatMap((summary): RemoteLevel[] => {
      const stockKey = text(summary['sellerSku']);
      const ready = record(summary['inventoryDetails'])['fulfillableQuantity'];
      if (!stockKey || ready === undefined || ready === null) return [];
      return [{ stockKey, location: config.fbaLocation!, available: readQuantity(ready), tracked: true, readAt }];
    });
  return { levels, token: text(record(body['pagination'])['nextToken']) ?? null };
}

/** A comma inside a SKU would read as two SKUs; one alone has a parameter of its own. */
function skuQuery(skus: readonly string[] | undefined): Query {
  if (!skus) return {};
  return skus.length === 1 ? { sellerSku: skus[0]! } : { sellerSkus: skus };
}

/** At most 50 in one call; those with a comma alone. SKUs that Amazon does not hold are missing from the answer. */
export async function readFba(client: Client<AmazonOp>, config: AmazonConfig, skus: string[]): Promise<RemoteLevel[]> {
  const plain = skus.filter((sku) => !sku.includes(','));
  const groups = skus.filter((sku) => sku.includes(',')).map((sku) => [sku]);
  for (let start = 0; start < plain.length; start += 50) groups.push(plain.slice(start, start + 50));
  const levels: RemoteLevel[] = [];
  for (const group of groups) {
    const wanted = new Set(group);
    const { levels: page } = await fbaPage(client, config, { skus: group, marketplaceId: config.marketplaceIds[0]! });
    levels.push(...page.filter((level) => wanted.delete(level.stockKey)));
  }
  return levels;
}
