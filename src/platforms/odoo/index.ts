import type { Doc } from '../../domain/document.ts';
import { definePlatform } from '../../platform/contract.ts';
import { authorize } from './ask.ts';
import { listListings } from './catalogue.ts';
import { check } from './check.ts';
import { odooConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify } from './failures.ts';
import { pollOrders } from './feed.ts';
import { checkSubscription, subscribe, unsubscribe } from './hooks.ts';
import { listLevels, pollLevels, readLevels } from './levels.ts';
import { readOrders } from './orders.ts';
import { listLocations } from './places.ts';
import { pushLevels } from './push.ts';
import { odooSandbox } from './sandbox.ts';
import { readTillOrders } from './till.ts';
import { decode, verify } from './webhook.ts';

/** Odoo: Sales, Inventory and Point of Sale of one database, by JSON-2, JSON-RPC or XML-RPC. */
export const odoo = definePlatform({
  facts,
  config: odooConfig,
  authorize,
  classify,
  verify,
  decode,
  check,
  listLocations,
  listListings,
  listLevels,
  readLevels,
  poll: (client, config, feed, cursor, since) =>
    (feed === 'levels' ? pollLevels : pollOrders)(client, config, cursor, since),
  fetchDocument: async (client, config, doc): Promise<Doc | 'gone'> => {
    const [kind, id = ''] = doc.split(':', 2);
    const [found] = await (kind === 'till' ? readTillOrders : readOrders)(client, config, [id]);
    return found ?? 'gone';
  },
  pushLevels,
  subscribe,
  unsubscribe,
  checkSubscription,
  sandbox: odooSandbox,
});
