import type { Flavour } from '../flavour.ts';
import { check, listLocations } from './check.ts';
import { pollOrders } from './feed.ts';
import { checkSubscription, subscribe, unsubscribe } from './hooks.ts';
import { listLevels, listListings, readLevels } from './items.ts';
import { pollLedger } from './ledger.ts';
import { fetchDocument } from './orders.ts';
import { pushLevels } from './push.ts';
import { decode, verify } from './webhook.ts';

export const businessCentral: Flavour = {
  verify,
  decode,
  check,
  listLocations,
  listListings,
  listLevels,
  readLevels,
  poll: (client, config, feed, cursor, since) =>
    (feed === 'levels' ? pollLedger : pollOrders)(client, config, cursor, since),
  fetchDocument,
  pushLevels,
  subscribe,
  unsubscribe,
  checkSubscription,
};
