import { definePlatform } from '../../platform/contract.ts';
import { check } from './check.ts';
import { prestaConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify } from './failures.ts';
import { pollOrders } from './feed.ts';
import { listLevels, listListings, readLevels } from './levels.ts';
import { fetchDocument } from './orders.ts';
import { pushLevels } from './push.ts';
import { authorize } from './request.ts';
import { prestaSandbox } from './sandbox.ts';
import { listLocations } from './shop.ts';
import { decode, verify } from './webhook.ts';

/** A PrestaShop over its XML webservice: whole elements read and written back, orders polled. */
export const prestashop = definePlatform({
  facts,
  config: prestaConfig,
  authorize,
  classify,
  verify,
  decode,
  check,
  listLocations,
  listListings,
  listLevels,
  readLevels,
  poll: (client, config, _feed, cursor, since) => pollOrders(client, config, cursor, since),
  fetchDocument,
  pushLevels,
  sandbox: prestaSandbox,
});
