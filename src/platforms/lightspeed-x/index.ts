import { definePlatform } from '../../platform/contract.ts';
import { findPush } from './adjustments.ts';
import { listListings, listLocations } from './catalogue.ts';
import { check } from './check.ts';
import { lightspeedXConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify, readBudget } from './failures.ts';
import { checkSubscription, subscribe, unsubscribe } from './hooks.ts';
import { listLevels, pollLevels, readLevels } from './levels.ts';
import { pushLevels } from './push.ts';
import { fetchSale, pollSales } from './sales.ts';
import { lightspeedXSandbox } from './sandbox.ts';
import { authorize, expiresAt, renew } from './token.ts';
import { decode, verify } from './webhook.ts';

/** Lightspeed Retail X-Series (formerly Vend): tills and web shop of one store, several outlets. */
export const lightspeedX = definePlatform({
  facts,
  config: lightspeedXConfig,
  authorize,
  classify,
  readBudget,
  verify,
  decode,
  check,
  expiresAt,
  renew,
  listLocations,
  listListings,
  listLevels,
  readLevels,
  poll: (client, config, feed, cursor, since) =>
    feed === 'levels' ? pollLevels(client, config, cursor) : pollSales(client, config, cursor, since),
  fetchDocument: fetchSale,
  pushLevels,
  findPush,
  subscribe,
  unsubscribe,
  checkSubscription,
  sandbox: lightspeedXSandbox,
});
