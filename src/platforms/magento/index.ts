import { definePlatform } from '../../platform/contract.ts';
import { check } from './check.ts';
import { magentoConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify } from './failures.ts';
import { pollOrders } from './feed.ts';
import { listLevels, listListings, readLevels } from './levels.ts';
import { fetchDocument } from './orders.ts';
import { pushLevels } from './push.ts';
import { authorize } from './request.ts';
import { magentoSandbox } from './sandbox.ts';
import { listLocations } from './shop.ts';
import { decode, verify } from './webhook.ts';

/** A Magento shop over its REST API: what its stocks can sell, written as the number of one of their sources. */
export const magento = definePlatform({
  facts,
  config: magentoConfig,
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
  sandbox: magentoSandbox,
});
