import { definePlatform } from '../../platform/contract.ts';
import { authorize } from './api.ts';
import { listListings } from './catalogue.ts';
import { check } from './check.ts';
import { bigConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify } from './failures.ts';
import { pollOrders } from './feed.ts';
import { checkSubscription, subscribe, unsubscribe } from './hooks.ts';
import { listLevels, listLocations, readLevels } from './levels.ts';
import { fetchDocument } from './orders.ts';
import { pushLevels } from './push.ts';
import { bigSandbox } from './sandbox.ts';
import { decode, verify } from './webhook.ts';

/** A BigCommerce store: absolute numbers of stock on hand per location, written blindly, thin signed webhooks. */
export const bigcommerce = definePlatform({
  facts,
  config: bigConfig,
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
  sandbox: bigSandbox,
});
