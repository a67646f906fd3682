import { definePlatform } from '../../platform/contract.ts';
import { listLevels, listListings, listLocations, readLevels } from './catalogue.ts';
import { check } from './check.ts';
import { cloverConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify } from './failures.ts';
import { pollOrders } from './feed.ts';
import { fetchDocument } from './order-read.ts';
import { pushLevels } from './push.ts';
import { cloverSandbox } from './sandbox.ts';
import { authorize, expiresAt, renew } from './token.ts';
import { accountOf, decode, verify } from './webhook.ts';

/** Clover: the tills and online orders of one merchant, which is one place of business. */
export const clover = definePlatform({
  facts,
  config: cloverConfig,
  authorize,
  classify,
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
  fetchDocument,
  pushLevels,
  sandbox: cloverSandbox,
});
