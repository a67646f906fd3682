import { definePlatform } from '../../platform/contract.ts';
import { check } from './check.ts';
import { wooConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify } from './failures.ts';
import { pollOrders } from './feed.ts';
import { checkSubscription, subscribe, unsubscribe } from './hooks.ts';
import { listLevels, listListings, listLocations, readLevels } from './levels.ts';
import { fetchDocument } from './orders.ts';
import { pushLevels } from './push.ts';
import { authorize } from './request.ts';
import { wooSandbox } from './sandbox.ts';
import { decode, verify } from './webhook.ts';

/** A WooCommerce shop over its own REST API: one pool of stock, absolute numbers written blindly. */
export const woocommerce = definePlatform({
  facts,
  config: wooConfig,
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
  subscribe,
  unsubscribe,
  checkSubscription,
  sandbox: wooSandbox,
});
