import type { Doc } from '../../domain/document.ts';
import { definePlatform } from '../../platform/contract.ts';
import { authorize } from './api.ts';
import { check } from './check.ts';
import { type Cin7Config, cin7Config } from './config.ts';
import { listListings } from './core/catalogue.ts';
import { checkHooks, subscribeCore, unsubscribeCore } from './core/hooks.ts';
import { listLevels, readLevels } from './core/levels.ts';
import { readPlaces } from './core/places.ts';
import { pushCore } from './core/push.ts';
import { fetchSale, pollSales } from './core/sales.ts';
import { facts } from './facts.ts';
import { classify } from './failures.ts';
import { listBranches, listOmniListings } from './omni/catalogue.ts';
import { fetchOmni, pollOmni } from './omni/feed.ts';
import { listOmniLevels, readOmniLevels } from './omni/levels.ts';
import { pushOmni } from './omni/push.ts';
import { cin7Sandbox } from './sandbox.ts';
import { decode, verify } from './webhook.ts';

const isOmni = ({ product }: Cin7Config): boolean => product === 'omni';

/** Cin7 Core (formerly DEAR) and Cin7 Omni: two products, two APIs, one name; the settings say which. */
export const cin7 = definePlatform({
  facts,
  config: cin7Config,
  authorize,
  classify,
  verify,
  decode,
  check,
  listLocations: async (client, config) =>
    isOmni(config) ? listBranches(client, config) : (await readPlaces(client, config)).all,
  listListings: (client, config, cursor) => (isOmni(config) ? listOmniListings : listListings)(client, config, cursor),
  listLevels: (client, config, cursor) => (isOmni(config) ? listOmniLevels : listLevels)(client, config, cursor),
  readLevels: (client, config, cells) => (isOmni(config) ? readOmniLevels : readLevels)(client, config, cells),
  poll(client, config, feed, cursor, since) {
    const returns = feed === 'returns';
    if (isOmni(config)) return pollOmni(client, config, returns ? 'returns' : 'orders', cursor, since);
    return pollSales(client, config, returns ? 'saleCreditNoteList' : 'saleList', cursor, since);
  },
  fetchDocument: (client, config, doc): Promise<Doc | 'gone'> =>
    isOmni(config) ? fetchOmni(client, config, doc) : fetchSale(client, config, doc.replace(/^sale:/, '')),
  pushLevels: (client, config, targets) => (isOmni(config) ? pushOmni : pushCore)(client, config, targets),
  subscribe: async (client, config, hookUrl) => (isOmni(config) ? { did: [] } : subscribeCore(client, config, hookUrl)),
  unsubscribe: async (client, config, hookUrl) =>
    isOmni(config) ? { did: [] } : unsubscribeCore(client, config, hookUrl),
  checkSubscription: async (client, config, hookUrl) => (isOmni(config) ? [] : checkHooks(client, config, hookUrl)),
  sandbox: cin7Sandbox,
});
