import { definePlatform } from '../../platform/contract.ts';
import { refused } from '../../platform/signature.ts';
import { listListings, listLocations } from './catalogue.ts';
import { check } from './check.ts';
import { sapConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify } from './failures.ts';
import { pollOrders } from './feed.ts';
import { findPush } from './find-push.ts';
import { listLevels, readLevels } from './levels.ts';
import { fetchDocument } from './orders.ts';
import { pushLevels } from './push.ts';
import { sapSandbox } from './sandbox.ts';
import { authorize, expiresAt, renew } from './session.ts';
import { pollStock } from './stock-feed.ts';

/** One company in SAP Business One, through its Service Layer: polled, and written as stock documents. */
export const sapB1 = definePlatform({
  facts,
  config: sapConfig,
  authorize,
  classify,
  verify: () => refused('no-secret', 'SAP Business One is polled; nothing is to be delivered here.'),
  decode: () => [],
  check,
  expiresAt,
  renew,
  listLocations,
  listListings,
  listLevels,
  readLevels,
  poll: (client, config, feed, cursor, since) =>
    (feed === 'stock' ? pollStock : pollOrders)(client, config, cursor, since),
  fetchDocument,
  pushLevels,
  findPush,
  sandbox: sapSandbox,
});
