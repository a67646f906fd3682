import type { Doc } from '../../domain/document.ts';
import { definePlatform } from '../../platform/contract.ts';
import { listLevels, listListings, listLocations, pollLevels, readLevels } from './catalogue.ts';
import { check } from './check.ts';
import { zohoConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify, readBudget } from './failures.ts';
import { pollOrders } from './feed.ts';
import { findPush } from './find-push.ts';
import { fetchOrder } from './orders.ts';
import { pushLevels } from './push.ts';
import { fetchReturn, pollReturns } from './returns.ts';
import { zohoSandbox } from './sandbox.ts';
import { authorize, expiresAt, renew } from './token.ts';
import { decode, verify } from './webhook.ts';

const FEEDS = { orders: pollOrders, returns: pollReturns, levels: pollLevels };

/** Zoho Inventory: sales orders, returns and physical stock of one organization. */
export const zoho = definePlatform({
  facts,
  config: zohoConfig,
  authorize,
  classify,
  readBudget,
  verify,
  decode,
  check,
  expiresAt,
  renew,
  listLocations,
  listListings,
  listLevels,
  readLevels,
  poll: (client, config, feed, cursor, since) =>
    (FEEDS[feed as keyof typeof FEEDS] ?? pollOrders)(client, config, cursor, since),
  fetchDocument: async (client, config, doc): Promise<Doc | 'gone'> => {
    const [kind, one = ''] = doc.split(':', 2);
    return (kind === 'return' ? fetchReturn : fetchOrder)(client, config, one);
  },
  pushLevels,
  findPush,
  sandbox: zohoSandbox,
});
