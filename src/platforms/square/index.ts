import type { Doc } from '../../domain/document.ts';
import { definePlatform } from '../../platform/contract.ts';
import { listListings } from './catalogue.ts';
import { check } from './check.ts';
import { squareConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify } from './failures.ts';
import { pollOrders } from './feed.ts';
import { findPush } from './find-push.ts';
import { checkSubscription, subscribe, unsubscribe } from './hooks.ts';
import { listLevels, pollLevels, readLevels } from './levels.ts';
import { fetchOrder } from './order-read.ts';
import { readLocations } from './places.ts';
import { pushLevels } from './push.ts';
import { squareSandbox } from './sandbox.ts';
import { authorize, expiresAt, renew } from './token.ts';
import { accountOf, decode, verify } from './webhook.ts';

/** Square: tills, Square Online and the Orders API of one seller. */
export const square = definePlatform({
  facts,
  config: squareConfig,
  authorize,
  classify,
  verify,
  accountOf,
  decode,
  check,
  expiresAt,
  renew,
  listLocations: async (client, config) => (await readLocations(client, config)).data,
  listListings,
  listLevels,
  readLevels,
  poll: (client, config, feed, cursor, since) =>
    (feed === 'levels' ? pollLevels : pollOrders)(client, config, cursor, since),
  fetchDocument: (client, config, doc): Promise<Doc | 'gone'> => fetchOrder(client, config, doc.replace(/^order:/, '')),
  pushLevels,
  findPush,
  subscribe,
  unsubscribe,
  checkSubscription,
  sandbox: squareSandbox,
});
