import { definePlatform } from '../../platform/contract.ts';
import { listLevels, listListings, listLocations, readLevels } from './catalogue.ts';
import { check } from './check.ts';
import { lightspeedConfig } from './config.ts';
import { facts } from './facts.ts';
import { classify, readBudget } from './failures.ts';
import { pollFeed } from './feed.ts';
import { pushLevels } from './push.ts';
import { fetchDocument } from './sale-read.ts';
import { lightspeedSandbox } from './sandbox.ts';
import { authorize, expiresAt, renew } from './token.ts';
import { decode, verify } from './webhook.ts';

/** Lightspeed Retail, R-Series: the tills of all shops of one account, polled. */
export const lightspeedR = definePlatform({
  facts,
  config: lightspeedConfig,
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
  poll: pollFeed,
  fetchDocument,
  pushLevels,
  sandbox: lightspeedSandbox,
});
