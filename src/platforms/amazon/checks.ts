import type { Check, Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { HttpRequest } from '../../platform/http.ts';
import { apiRequest, listingsPath } from './address.ts';
import { type AmazonConfig, queueOf } from './config.ts';
import type { AmazonOp } from './facts.ts';
import { ORDERS_PATH } from './orders.ts';
import { queueRequest } from './queue.ts';
import { checkSubscription } from './subscribe.ts';

/** Named tests of a set-up, each with its next step. Costs one of the twenty order searches. */
export async function check(client: Client<AmazonOp>, config: AmazonConfig): Promise<Check[]> {
  const now = client.now();
  const orders = apiRequest(config, 'GET', ORDERS_PATH, {
    lastUpdatedAfter: new Date(now - 600_000).toISOString(),
    marketplaceIds: config.marketplaceIds,
    maxResultsPerPage: '1',
  });
  const listings = apiRequest(config, 'GET', listingsPath(config.account), {
    marketplaceIds: config.marketplaceIds.slice(0, 1),
    pageSize: '1',
  });
  const roles =
    'Developer Central > your app > Edit: tick "Inventory and Order Tracking" and "Product Listing", save, then Authorize app again and enter the new refresh token.';
  const checks = [
    await attempt(client, 'Orders', 'searchOrders', orders, 'Orders can be read.', roles),
    await attempt(
      client,
      'Listings',
      'searchListingsItems',
      listings,
      'Listings can be read.',
      `Is ${config.account} the merchant token of this account, and are the marketplace ids of its region? ${roles}`,
    ),
    await checkQueue(client, config),
  ];
  try {
    checks.push(...(await checkSubscription(client, config)));
  } catch (error) {
    checks.push(refused('Notifications', error, 'Try again in a minute.'));
  }
  return checks;
}

/** Looks at one message without hiding it from the reader. */
async function checkQueue(client: Client<AmazonOp>, config: AmazonConfig): Promise<Check> {
  const queue = queueOf(config);
  if (!queue)
    return {
      name: 'Queue',
      ok: true,
      found: 'No queue is configured: a sale is heard when the orders are polled, up to six minutes late.',
    };
  const peek = { MaxNumberOfMessages: 1, WaitTimeSeconds: 0, VisibilityTimeout: 0 };
  return attempt(
    client,
    'Queue',
    'receiveMessage',
    queueRequest(queue, 'ReceiveMessage', peek),
    'The queue can be read.',
    'AWS console > IAM: allow this user sqs:ReceiveMessage and sqs:DeleteMessage on the queue; compare the queue URL and its region.',
  );
}

async function attempt(
  client: Client<AmazonOp>,
  name: string,
  op: AmazonOp,
  request: HttpRequest,
  found: string,
  next: string,
): Promise<Check> {
  try {
    await client.call(op, request);
    return { name, ok: true, found };
  } catch (error) {
    return refused(name, error, next);
  }
}

function refused(name: string, error: unknown, next: string): Check {
  if (!(error instanceof Failure)) throw error;
  return { name, ok: false, found: error.message, next };
}
