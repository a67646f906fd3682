import type { Doc } from '../../domain/document.ts';
import { definePlatform } from '../../platform/contract.ts';
import { check } from './check.ts';
import { geckoConfig } from './config.ts';
import { factsOf } from './facts.ts';
import { classify } from './failures.ts';
import { poll } from './feed.ts';
import { checkSubscription, subscribe, unsubscribe } from './hooks.ts';
import { listLevels, listListings, listLocations, readLevels } from './levels.ts';
import { fetchOrder } from './order-read.ts';
import { findPush, pushLevels } from './push.ts';
import { geckoSandbox } from './sandbox.ts';
import { authorize, expiresAt, renew } from './token.ts';
import { decode, verify } from './webhook.ts';

/** One API, sold under two names by two owners. */
function soldAs(id: string, name: string, closed: string) {
  return definePlatform({
    facts: factsOf(id, name, closed),
    config: geckoConfig,
    authorize,
    classify,
    verify,
    decode,
    check: (client, config) => check(client, config, closed),
    expiresAt,
    renew,
    listLocations,
    listListings,
    listLevels,
    readLevels,
    poll,
    fetchDocument: (client, config, doc): Promise<Doc | 'gone'> =>
      fetchOrder(client, config, doc.replace(/^order:/, '')),
    pushLevels,
    findPush,
    subscribe,
    unsubscribe,
    checkSubscription,
    sandbox: (options) => geckoSandbox(id, options),
  });
}

/** TradeGecko, until Intuit bought it. */
export const tradegecko = soldAs(
  'tradegecko',
  'TradeGecko (closed)',
  'TradeGecko became QuickBooks Commerce in 2020, which Intuit closed by 31 August 2023.',
);

/** The same service under Intuit's name: same API, same addresses. */
export const quickbooksCommerce = soldAs(
  'quickbooks-commerce',
  'QuickBooks Commerce (closed)',
  'Intuit closed QuickBooks Commerce by 31 August 2023; its customers went to QuickBooks Online and others.',
);
