import { definePlatform } from '../../platform/contract.ts';
import { authorize } from './api.ts';
import { listLevels, listListings, listLocations, readLevels } from './catalogue.ts';
import { check } from './check.ts';
import { customConfig, onlySends } from './config.ts';
import { facts } from './facts.ts';
import { classify } from './failures.ts';
import { fetchDocument, poll } from './feed.ts';
import { pushLevels } from './push.ts';
import { customSandbox } from './sandbox.ts';
import { accountOf, decode, verify } from './webhook.ts';

/** Any system that can sign a POST: its orders come in, and if it answers our questions, levels go out to it. */
export const custom = definePlatform({
  facts,
  config: customConfig,
  authorize,
  classify,
  verify,
  accountOf,
  decode,
  onlySends,
  check,
  listLocations,
  listListings,
  listLevels,
  readLevels,
  poll: (client, config, _feed, cursor, since) => poll(client, config, cursor, since),
  fetchDocument,
  pushLevels,
  sandbox: customSandbox,
});
