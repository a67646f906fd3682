import { definePlatform } from '../../platform/contract.ts';
import { authorize } from './authorize.ts';
import { listListings, listLocations } from './catalogue.ts';
import { check } from './checks.ts';
import { type AmazonConfig, amazonConfig } from './config.ts';
import { type AmazonOp, amazonFacts } from './facts.ts';
import { classify, readBudget } from './failures.ts';
import { poll } from './feed.ts';
import { listLevels, readLevels } from './levels.ts';
import { fetchDocument } from './orders.ts';
import { pushLevels } from './push.ts';
import { acknowledge, receive } from './queue.ts';
import { createSandbox } from './sandbox.ts';
import { settle } from './settle.ts';
import { checkSubscription, subscribe, unsubscribe } from './subscribe.ts';
import { expiresAt, renew } from './token.ts';
import { accountOf, decode, verify } from './webhook.ts';

/** Amazon Seller Central by the Selling Partner API: absolute quantities by PATCH, orders by queue and by polling. */
export const amazon = definePlatform<AmazonConfig, AmazonOp>({
  facts: amazonFacts,
  config: amazonConfig,
  authorize,
  classify,
  readBudget,
  verify,
  accountOf,
  decode,
  check,
  expiresAt,
  renew,
  listLocations,
  listListings,
  listLevels,
  readLevels,
  poll,
  receive,
  acknowledge,
  fetchDocument,
  pushLevels,
  settle,
  subscribe,
  unsubscribe,
  checkSubscription,
  sandbox: createSandbox,
});
