import { definePlatform } from '../../platform/contract.ts';
import { listListings, listLocations } from './catalogue.ts';
import { check } from './check.ts';
import { shopifyConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify, readBudget } from './failures.ts';
import { pollOrders } from './feed.ts';
import { checkSubscription, subscribe, unsubscribe } from './hooks.ts';
import { listLevels, readLevels } from './levels.ts';
import { docOf } from './order-doc.ts';
import { readOrder } from './order-read.ts';
import { posFacts } from './pos-facts.ts';
import { pushLevels } from './push.ts';
import { shopifySandbox } from './sandbox.ts';
import { authorize, expiresAt, renew } from './token.ts';
import { accountOf, decode, verify } from './webhook.ts';

/** Shopify's online store over the Admin GraphQL API. */
export const shopify = definePlatform({
  facts,
  config: shopifyConfig,
  authorize,
  classify,
  readBudget,
  verify,
  accountOf,
  decode,
  check,
  expiresAt,
  renew,
  listLocations,
  listListings,
  listLevels,
  readLevels,
  poll: (client, config, _feed, cursor, since) => pollOrders(client, config, cursor, since),
  async fetchDocument(client, config, doc) {
    const snapshot = await readOrder(client, config, doc.replace(/^order:/, ''));
    return snapshot ? docOf(snapshot, config.account) : 'gone';
  },
  pushLevels,
  subscribe,
  unsubscribe,
  checkSubscription,
  sandbox: shopifySandbox,
});

/** The shop's tills: the same account, heard and written by the same code; only what is said of it differs. */
export const shopifyPos = definePlatform({ ...shopify, facts: posFacts });
