import type { Routed } from '../../../platform/sandbox-kit/index.ts';
import { list, record, text } from '../shape.ts';
import { hex, invalid, Refusal, type Stand } from './stand.ts';

const TYPES = ['ORDER_CHANGE', 'LISTINGS_ITEM_MFN_QUANTITY_CHANGE'];

interface Destination {
  destinationId: string;
  name: string;
  resource: { sqs: { arn: string } };
}

export interface Subscription {
  subscriptionId: string;
  payloadVersion: string;
  destinationId: string;
  processingDirective?: Record<string, unknown>;
}

/** Notifications API v1: queues that Amazon knows, and what it puts into them. */
export class Notifications {
  readonly #stand: Stand;
  readonly #destinations = new Map<string, Destination>();
  /** One per type: this app sells for one seller here. */
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(stand: Stand) {
    this.#stand = stand;
  }

  /** What is sent for this type now; undefined: nothing. */
  active(type: string): Subscription | undefined {
    return this.#subscriptions.get(type);
  }

  getDestinations(): unknown {
    return { payload: [...this.#destinations.values()] };
  }

  createDestination(routed: Routed): unknown {
    const body = readBody(routed);
    const name = text(body['name']);
    const arn = text(record(record(body['resourceSpecification'])['sqs'])['arn']);
    if (!name || !arn) throw invalid('name and resourceSpecification are required.');
    // Amazon tries to write to the queue; only this one has a policy that lets it.
    if (arn !== this.#stand.queue.arn)
      throw invalid('The queue does not exist, or its policy does not allow Amazon to write.');
    if ([...this.#destinations.values()].some((one) => one.resource.sqs.arn === arn))
      throw new Refusal(409, 'Conflict', 'The resource specified conflicts with the current state.');
    const destination = { destinationId: this.#uuid(), name, resource: { sqs: { arn } } };
    this.#destinations.set(destination.destinationId, destination);
    return { payload: destination };
  }

  deleteDestination(routed: Routed): unknown {
    const { destinationId } = routed.params;
    if ([...this.#subscriptions.values()].some((one) => one.destinationId === destinationId))
      throw new Refusal(409, 'Conflict', 'The destination still has subscriptions.');
    if (!this.#destinations.delete(destinationId!)) throw notFound();
    return {};
  }

  getSubscription(routed: Routed): unknown {
    const found = this.#subscriptions.get(readType(routed));
    if (!found) throw notFound();
    return { payload: found };
  }

  createSubscription(routed: Routed): unknown {
    const type = readType(routed);
    const body = readBody(routed);
    const { payloadVersion, destinationId, processingDirective } = body;
    if (payloadVersion !== '1.0') throw invalid('Invalid payloadVersion.');
    if (typeof destinationId !== 'string' || !this.#destinations.has(destinationId))
      throw invalid('Invalid destinationId.');
    const filter = record(record(processingDirective)['eventFilter']);
    if (type === 'ORDER_CHANGE' && (filter['eventFilterType'] !== type || list(filter['marketplaceIds']).length === 0))
      throw invalid('ORDER_CHANGE needs an eventFilter.');
    if (this.#subscriptions.has(type))
      throw new Refusal(409, 'Conflict', 'The resource specified conflicts with the current state.');
    const subscription: Subscription = {
      subscriptionId: this.#uuid(),
      payloadVersion,
      destinationId,
      ...(processingDirective !== undefined && { processingDirective: record(processingDirective) }),
    };
    this.#subscriptions.set(type, subscription);
    return { payload: subscription };
  }

  deleteSubscription(routed: Routed): unknown {
    const type = readType(routed);
    if (this.#subscriptions.get(type)?.subscriptionId !== routed.params['subscriptionId']) throw notFound();
    this.#subscriptions.delete(type);
    return {};
  }

  #uuid(): string {
    return hex(this.#stand.options.random, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
}

const notFound = (): Refusal => new Refusal(404, 'NotFound', 'The resource specified does not exist.');

function readType(routed: Routed): string {
  const type = routed.params['notificationType']!;
  if (!TYPES.includes(type)) throw invalid('Invalid notificationType.');
  return type;
}

function readBody(routed: Routed): Record<string, unknown> {
  try {
    return record(routed.json());
  } catch {
    throw invalid('The body is not JSON.');
  }
}
