import { z } from 'zod';
import type { FeedPage, Signal } from '../../../platform/contract.ts';
import { ask, type DynamicsClient, iso, odata, pageSize } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { companyUrl } from './address.ts';
import { levelsByNumber } from './items.ts';

/** Item numbers that one page may name, so that their levels are one reading. */
const PAGE = 50;
/** Numbers are given out before the posting is committed: a lower one may appear later. */
const RETOLD = 50;

const cursorShape = z.object({ entry: z.number(), told: z.array(z.number()) });
const entries = z.object({
  value: z.array(z.object({ entryNumber: z.number(), itemNumber: z.string() })),
  '@odata.nextLink': z.string().nullish(),
});

/**
 * Every posting of goods is a row of the item ledger, with a number that rises. It says neither place nor variant, so it only
 * names the items whose inventory is read again; the sales among them are told by their documents.
 */
export async function pollLedger(
  client: DynamicsClient,
  config: DynamicsConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const now = cursor === null ? { entry: 0, told: [] } : cursorShape.parse(JSON.parse(cursor));
  const told = new Set(now.told);
  const filter =
    now.entry === 0 ? `lastModifiedDateTime ge ${since}` : `entryNumber gt ${Math.max(0, now.entry - RETOLD)}`;
  const url = odata(`${companyUrl(config)}/itemLedgerEntries`, {
    select: 'entryNumber,itemNumber',
    filter,
    orderby: 'entryNumber',
    top: String(PAGE + RETOLD),
  });
  const { data, startedMs } = await ask(
    client,
    'ledger',
    { method: 'GET', url, headers: pageSize(PAGE + RETOLD) },
    entries,
  );
  const fresh = data.value.filter(({ entryNumber }) => !told.has(entryNumber));
  const numbers = [...new Set(fresh.map(({ itemNumber }) => itemNumber))];
  const levels = await levelsByNumber(client, config, numbers);
  const entry = Math.max(now.entry, ...data.value.map(({ entryNumber }) => entryNumber));
  const more = data.value.length >= PAGE + RETOLD && fresh.length > 0;
  const signals = levels.map((level): Signal => ({ kind: 'level', account: config.account, level }));
  const kept = [...told, ...fresh.map(({ entryNumber }) => entryNumber)].filter((number) => number > entry - RETOLD);
  return {
    signals,
    cursor: JSON.stringify({ entry, told: kept }),
    completeTo: more ? null : iso(startedMs),
    more,
  };
}
