import { definePlatform } from '../../platform/contract.ts';
import { check } from './check.ts';
import { sfccConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify } from './failures.ts';
import { fetchDocument, pollOrders } from './orders.ts';
import { listListings } from './products.ts';
import { sfccSandbox } from './sandbox.ts';
import { stockOf } from './stock.ts';
import { authorize, expiresAt, renew } from './token.ts';
import { decode, verify } from './webhook.ts';

/** Salesforce B2C Commerce: orders by SCAPI, stock in inventory lists by OCAPI or in Omnichannel Inventory. */
export const sfcc = definePlatform({
  facts,
  config: sfccConfig,
  authorize,
  classify,
  expiresAt,
  renew,
  verify,
  decode,
  check,
  listLocations: (client, config) => stockOf(config).listLocations(client, config),
  listListings,
  listLevels: (client, config, cursor) => stockOf(config).listLevels(client, config, cursor),
  readLevels: (client, config, cells) => stockOf(config).readLevels(client, config, cells),
  poll: (client, config, _feed, cursor, since) => pollOrders(client, config, cursor, since),
  fetchDocument,
  pushLevels: (client, config, targets) => stockOf(config).pushLevels(client, config, targets),
  sandbox: (options) => sfccSandbox(options),
});
