import type { Sandbox, SandboxOptions, SeedItem } from '../../platform/sandbox.ts';
import { RateLimiter, StockBook } from '../../platform/sandbox-kit/index.ts';
import { amazonFacts } from './facts.ts';
import { Access } from './sandbox/access.ts';
import { Notifications } from './sandbox/notifications.ts';
import { Publisher } from './sandbox/publisher.ts';
import { routes } from './sandbox/routes.ts';
import { amazonShopper } from './sandbox/shopper.ts';
import { SqsQueue } from './sandbox/sqs.ts';
import { type AmazonSandboxOptions, codeOf, MARKETPLACE, Refusal, type Stand } from './sandbox/stand.ts';
import { Submissions } from './sandbox/submissions.ts';

/** Listings appear a minute apart, long before the stand-in was opened. */
const FIRST_CREATED_MS = Date.UTC(2024, 0, 1);

export interface AmazonSandbox extends Sandbox {
  /** The seller disables the app in Seller Central. */
  disableApp(): void;
}

/** Amazon for one seller: Login with Amazon, the Selling Partner API, and the seller's own AWS queue, under one address. */
export function createSandbox(options: SandboxOptions): AmazonSandbox {
  const stand = openStand(options);
  const { book } = stand;
  const access = new Access(stand);
  const queue = new SqsQueue(stand);
  const notifications = new Notifications(stand);
  const publisher = new Publisher(stand, notifications, queue);
  const submissions = new Submissions(stand);
  book.onChange((event) => publisher.hear(event));
  const router = routes(stand, { access, queue, notifications, submissions });
  const { fbaLocation, multiLocation } = stand.options;
  return {
    platform: 'amazon',
    account: stand.sellerId,
    config: ({ api }) => ({
      account: stand.sellerId,
      region: 'na',
      marketplaceIds: [MARKETPLACE],
      clientId: access.clientId,
      clientSecret: access.clientSecret,
      refreshToken: access.refreshToken,
      queueUrl: `${api}/${stand.queue.account}/${stand.queue.name}`,
      queueRegion: queue.key.region,
      awsAccessKeyId: queue.key.accessKeyId,
      awsSecretAccessKey: queue.key.secretAccessKey,
      endpoint: api,
      tokenEndpoint: `${api}/auth/o2/token`,
      ...(multiLocation && { multiLocation }),
      ...(fbaLocation && { fbaLocation }),
    }),
    handle: (request) => router.handle(request),
    fault: (kind) =>
      kind === 'throttled'
        ? new Refusal(429, 'QuotaExceeded', 'You exceeded your quota for the requested resource.').answer()
        : new Refusal(
            503,
            'ServiceUnavailable',
            'Service is temporarily unavailable. Please try again later.',
          ).answer(),
    disableApp: () => access.revoke(),
    seed: (items) => seed(stand, items),
    shopper: amazonShopper(stand),
    book: () => book.book().map((row) => ({ ...row, location: codeOf(stand, row.location) })),
    shown: () => book.shown().map((row) => ({ ...row, location: codeOf(stand, row.location) })),
    oversold: () => book.oversold(),
    quiet: () => publisher.quiet() && submissions.quiet() && queue.size === 0,
    close: () => {
      publisher.close();
      submissions.close();
      queue.close();
    },
  };
}

function openStand(options: AmazonSandboxOptions): Stand {
  const ids = options.locations.map((place) => place.id).filter((id) => id !== options.fbaLocation);
  const own = options.multiLocation ? ids : ids.slice(0, 1);
  const queue = { account: '123456789012', name: 'onhand' };
  return {
    options,
    own,
    sellerId: `A${options.name.replace(/[^a-z0-9]/gi, '').toUpperCase()}`,
    queue: { ...queue, arn: `arn:aws:sqs:us-east-1:${queue.account}:${queue.name}` },
    book: new StockBook({
      clock: options.clock,
      locations: [...own, ...(options.fbaLocation ? [options.fbaLocation] : [])],
      takesAt: 'placed',
      orderId: (seq) => `111-${digits(seq)}-${digits((seq * 7919) % 10_000_000)}`,
    }),
    limiter: new RateLimiter({
      clock: options.clock,
      factor: options.factor,
      unlimited: options.unlimited,
      limits: Object.fromEntries(
        Object.entries(amazonFacts.budgets).flatMap(([name, budget]) =>
          budget.kind === 'tokens' ? [[name, { kind: 'bucket', size: budget.burst, perSecond: budget.perSecond }]] : [],
        ),
      ),
    }),
  };
}

const digits = (value: number): string => String(value).padStart(7, '0');

function seed(stand: Stand, items: SeedItem[]): void {
  for (const [index, item] of stand.book.seed(items).entries()) {
    const places = Object.keys(items[index]!.stock);
    const createdMs = FIRST_CREATED_MS + item.seq * 60_000;
    const byAmazon = places.some((place) => place === stand.options.fbaLocation);
    item.extra = {
      productType: 'PRODUCT',
      createdMs,
      updatedMs: createdMs,
      byAmazon,
      byMerchant: !byAmazon || places.some((place) => stand.own.includes(place)),
      submitted: {},
    };
  }
}
