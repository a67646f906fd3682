import { definePlatform } from '../../platform/contract.ts';
import { authorize, expiresAt, renew } from './access.ts';
import { listListings, listLocations } from './catalogue.ts';
import { check } from './check.ts';
import { netsuiteConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify } from './failures.ts';
import { pollOrders } from './feed.ts';
import { findPush } from './find-push.ts';
import { listLevels, readLevels } from './levels.ts';
import { fetchDocument } from './orders.ts';
import { pushLevels } from './push.ts';
import { netsuiteSandbox } from './sandbox.ts';
import { accountOf, decode, verify } from './webhook.ts';

/** One NetSuite account: SuiteQL is read, inventory adjustments are written, a script of ours tells of changes. */
export const netsuite = definePlatform({
  facts,
  config: netsuiteConfig,
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
  findPush,
  sandbox: netsuiteSandbox,
});
