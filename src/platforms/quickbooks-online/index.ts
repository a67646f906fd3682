import { definePlatform } from '../../platform/contract.ts';
import { check } from './check.ts';
import { qboConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify } from './failures.ts';
import { pollSales } from './feed.ts';
import { listLevels, listListings, listLocations, readLevels } from './items.ts';
import { findPush, pushLevels } from './push.ts';
import { fetchDocument } from './sales.ts';
import { qboSandbox } from './sandbox.ts';
import { authorize, expiresAt, renew } from './token.ts';
import { accountOf, decode, verify } from './webhook.ts';

/** A QuickBooks Online company: one quantity per item, changed by adjustments in the books, sales by receipt and invoice. */
export const quickbooksOnline = definePlatform({
  facts,
  config: qboConfig,
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
  poll: (client, config, _feed, cursor, since) => pollSales(client, config, cursor, since),
  fetchDocument,
  pushLevels,
  findPush,
  sandbox: qboSandbox,
});
