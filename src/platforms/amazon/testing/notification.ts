import type { Delivery } from '../../../platform/contract.ts';
import { amazonConfig } from '../config.ts';
import orderChangeFixture from '../fixtures/order-change.json' with { type: 'json' };
import { QUEUE_METHOD } from '../webhook.ts';

const QUEUE = 'https://sqs.us-east-1.amazonaws.com/123456789012/onhand';

/** The channel that the fixtures belong to. */
export const channel = amazonConfig.parse({
  account: 'A1EXAMPLE',
  region: 'na',
  marketplaceIds: ['ATVPDKIKX0DER'],
  clientId: 'id',
  clientSecret: 'secret',
  refreshToken: 'Atzr|x',
  queueUrl: QUEUE,
  awsAccessKeyId: 'AKIDEXAMPLE',
  awsSecretAccessKey: 'key',
  applicationId: 'amzn1.sp.solution.x',
  subscriptions: { ORDER_CHANGE: 's-1' },
});

/** A message as it comes out of the queue. */
export const fromQueue = (body: unknown, more: Partial<Delivery> = {}): Delivery => ({
  method: QUEUE_METHOD,
  path: QUEUE,
  headers: {},
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  receivedAt: '2026-08-01T10:00:04.000Z',
  ...more,
});

// biome-ignore lint/suspicious/noExplicitAny: tests break the notification in ways that no type allows.
export type Edit = (order: any, notification: any) => void;

/** The recorded shape of an order change, changed as a test wants it. */
export function orderChange(edit: Edit = () => {}): Record<string, unknown> {
  const notification = structuredClone(orderChangeFixture);
  edit(notification.Payload.OrderChangeNotification, notification);
  return notification;
}
