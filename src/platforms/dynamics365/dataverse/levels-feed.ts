import { z } from 'zod';
import type { FeedPage, Signal } from '../../../platform/contract.ts';
import { ask, type DynamicsClient, following, iso, odata, pageSize } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { baseUrl } from './address.ts';

const RETOLD_MS = 60_000;

const cursorShape = z.object({ from: z.string(), startedMs: z.number(), next: z.string().nullable() });
const rows = z.object({
  value: z.array(z.object({ productid: z.string().min(1) })),
  '@odata.nextLink': z.string().nullish(),
});

/** Products by change time: whose number it was that changed is found out by reading. */
export async function pollProducts(
  client: DynamicsClient,
  config: DynamicsConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const now = cursor === null ? { from: since, startedMs: 0, next: null } : cursorShape.parse(JSON.parse(cursor));
  const url =
    now.next ??
    odata(`${baseUrl(config)}/products`, {
      select: 'productid,modifiedon',
      filter: `modifiedon ge ${now.from}`,
      orderby: 'modifiedon',
    });
  const { data, startedMs } = await ask(client, 'ledger', { method: 'GET', url, headers: pageSize(500) }, rows);
  const began = now.startedMs || startedMs;
  const next = following(data['@odata.nextLink'], baseUrl(config));
  const stored =
    next === null ? { from: iso(began - RETOLD_MS), startedMs: 0, next } : { ...now, startedMs: began, next };
  const signals = data.value.map(
    ({ productid }): Signal => ({
      kind: 'dirty',
      account: config.account,
      stockKey: productid.toLowerCase(),
      location: null,
    }),
  );
  return {
    signals,
    cursor: JSON.stringify(stored),
    completeTo: next === null ? iso(began) : null,
    more: next !== null,
  };
}
