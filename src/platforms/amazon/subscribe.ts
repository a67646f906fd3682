import type { Check, Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { apiRequest, encode } from './address.ts';
import { type AmazonConfig, queueArn, queueOf } from './config.ts';
import type { AmazonOp } from './facts.ts';
import { type Fields, id, list, record } from './shape.ts';
import { grantless } from './token.ts';
import { ORDER_CHANGE, TOPICS } from './webhook.ts';

const DESTINATIONS = '/notifications/v1/destinations';
const subscriptionPath = (topic: string): string => `/notifications/v1/subscriptions/${topic}`;

type Call = (op: AmazonOp, request: HttpRequest) => Promise<unknown>;

const payloadOf =
  (client: Client<AmazonOp>): Call =>
  async (op, request) =>
    record(readJson(bodyText(await client.call(op, request)) || '{}'))['payload'];

const withHeaders = (request: HttpRequest, headers: Record<string, string>): HttpRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
});

/**
 * Makes Amazon put order changes into the seller's queue. Safe to repeat: what is there is kept. The confirmation of
 * written quantities is welcome, not needed.
 * @throws Failure `conflict` when this app already sends the seller's orders to another queue: taking that away could cut
 *   another system off.
 */
export async function subscribe(
  client: Client<AmazonOp>,
  config: AmazonConfig,
): Promise<{ config?: Partial<AmazonConfig>; did: string[] }> {
  const queue = queueOf(config);
  if (!queue) return { did: ['No queue is configured: orders are polled every few minutes.'] };
  const did: string[] = [];
  const destinationId = await ensureDestination(client, config, queueArn(queue), did);
  const subscriptions: Record<string, string> = {};
  for (const topic of TOPICS) {
    try {
      subscriptions[topic] = await ensureSubscription(client, config, topic, destinationId, did);
    } catch (error) {
      if (topic === ORDER_CHANGE || !(error instanceof Failure) || error.failure === 'auth') throw error;
      did.push(`${topic} could not be subscribed (${error.message}); written quantities are read back instead.`);
    }
  }
  return { config: { destinationId, subscriptions }, did };
}

async function ensureDestination(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  arn: string,
  did: string[],
): Promise<string> {
  const headers = await grantless(client, config);
  const call = payloadOf(client);
  const find = async () => {
    const known = await call('getDestinations', withHeaders(apiRequest(config, 'GET', DESTINATIONS), headers));
    const same = list(known)
      .map(record)
      .find((one) => record(record(one['resource'])['sqs'])['arn'] === arn);
    return id(same?.['destinationId']);
  };
  const known = await find();
  if (known) return known;
  const body = { name: `onhand-${config.account}`, resourceSpecification: { sqs: { arn } } };
  try {
    const request = withHeaders(apiRequest(config, 'POST', DESTINATIONS, {}, body), headers);
    const made = id(record(await call('createDestination', request))['destinationId']);
    if (!made) throw new Failure('rejected', 'no-destination', 'Amazon registered the queue without naming it.');
    did.push(`Registered the queue ${arn} with Amazon.`);
    return made;
  } catch (error) {
    // The first answer was lost, or somebody was quicker.
    const now = error instanceof Failure && error.failure !== 'auth' ? await find() : undefined;
    if (now) return now;
    throw error;
  }
}

async function ensureSubscription(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  topic: string,
  destinationId: string,
  did: string[],
): Promise<string> {
  const known = await currentSubscription(client, config, topic);
  if (known) {
    if (known['destinationId'] !== destinationId)
      throw new Failure(
        'conflict',
        'subscribed-elsewhere',
        `This app already sends ${topic} to another queue (destination ${String(known['destinationId'])}). Remove that subscription, or use its queue.`,
      );
    return id(known['subscriptionId'])!;
  }
  const body = {
    payloadVersion: '1.0',
    destinationId,
    // Optional by the model; integrators report that ORDER_CHANGE is refused without it.
    ...(topic === ORDER_CHANGE && {
      processingDirective: {
        eventFilter: {
          eventFilterType: ORDER_CHANGE,
          orderChangeTypes: ['OrderStatusChange', 'BuyerRequestedChange'],
          marketplaceIds: config.marketplaceIds,
        },
      },
    }),
  };
  const request = apiRequest(config, 'POST', subscriptionPath(topic), {}, body);
  const made = await payloadOf(client)('createSubscription', request).catch(async (error: unknown) => {
    if (!(error instanceof Failure) || !['conflict', 'unknown-outcome'].includes(error.failure)) throw error;
    return currentSubscription(client, config, topic);
  });
  const subscriptionId = id(record(made)['subscriptionId']);
  if (!subscriptionId) throw new Failure('rejected', 'no-subscription', `Amazon did not subscribe ${topic}.`);
  did.push(`Subscribed ${topic}.`);
  return subscriptionId;
}

async function currentSubscription(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  topic: string,
): Promise<Fields | undefined> {
  try {
    const request = apiRequest(config, 'GET', subscriptionPath(topic), { payloadVersion: '1.0' });
    const payload = record(await payloadOf(client)('getSubscription', request));
    return id(payload['subscriptionId']) ? payload : undefined;
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return undefined;
    throw error;
  }
}

/** Ends our subscriptions, and forgets the queue. What is gone already is gone. */
export async function unsubscribe(client: Client<AmazonOp>, config: AmazonConfig): Promise<{ did: string[] }> {
  const did: string[] = [];
  const headers = await grantless(client, config);
  const remove = async (op: AmazonOp, path: string, what: string) => {
    try {
      await client.call(op, withHeaders(apiRequest(config, 'DELETE', path), headers));
      did.push(what);
    } catch (error) {
      if (!(error instanceof Failure) || error.platformCode === undefined || error.status !== 404) throw error;
    }
  };
  for (const [topic, subscriptionId] of Object.entries(config.subscriptions)) {
    const path = `${subscriptionPath(topic)}/${encode(subscriptionId)}`;
    await remove('deleteSubscriptionById', path, `Ended ${topic}.`);
  }
  if (config.destinationId)
    await remove(
      'deleteDestination',
      `${DESTINATIONS}/${encode(config.destinationId)}`,
      'Removed the queue from Amazon.',
    );
  return { did };
}

/** Is each subscription still there, and still ours? */
export async function checkSubscription(client: Client<AmazonOp>, config: AmazonConfig): Promise<Check[]> {
  if (!queueOf(config))
    return [
      {
        name: 'Notifications',
        ok: true,
        found: 'No queue is configured: orders are polled every few minutes.',
      },
    ];
  const checks: Check[] = [];
  for (const topic of TOPICS) {
    const known = await currentSubscription(client, config, topic);
    const ours = known !== undefined && known['subscriptionId'] === config.subscriptions[topic];
    checks.push({
      name: topic,
      // Quantities are read back anyway.
      ok: ours || (topic !== ORDER_CHANGE && config.subscriptions[topic] === undefined),
      found: ours
        ? `Amazon sends ${topic} to your queue.`
        : known
          ? `Amazon sends ${topic} under another subscription (${String(known['subscriptionId'])}).`
          : `Amazon does not send ${topic} to your queue.`,
      ...(!ours && {
        next: 'Run "onhand channel add amazon" again with the same settings: it registers what is missing.',
      }),
    });
  }
  return checks;
}
