import { jsonResponse } from '../../platform/http.ts';
import type { Sandbox, SandboxOptions, Shopper } from '../../platform/sandbox.ts';
import { shopperOf } from '../../platform/sandbox-kit/index.ts';
import { Access } from './sandbox/access.ts';
import { apply } from './sandbox/adjusting.ts';
import { failed } from './sandbox/answers.ts';
import { type Organization, openOrganization } from './sandbox/organization.ts';
import { routes } from './sandbox/routes.ts';
import { Workflow } from './sandbox/workflow.ts';

export interface ZohoSandbox extends Sandbox {
  /** What the organization's people can do besides selling. */
  staff: {
    revoke(): void;
    withoutScope(module: string): void;
    /** Adjustments wait for somebody from now on. */
    requireApproval(): void;
    approveAll(): void;
    labelOrder(order: string, members: { reference_number?: string; sales_channel?: string }): void;
  };
}

/** One organization of Zoho Inventory with several locations, and the workflow rules of the set-up guide. */
export function zohoSandbox(options: SandboxOptions): ZohoSandbox {
  const organization = openOrganization(options);
  const { book, client } = organization;
  const workflow = new Workflow(organization);
  const router = routes(organization, new Access(organization));
  return {
    platform: 'zoho',
    account: organization.id,
    config: ({ api, hook }) => {
      organization.hookUrl = hook;
      return {
        account: organization.id,
        dataCenter: 'com',
        clientId: client.id,
        clientSecret: client.secret,
        refreshToken: client.refreshToken,
        webhookSecret: organization.webhookSecret,
        // A world that has to come to rest shows 0 where nothing is left.
        hideOversold: true,
        apiUrl: api,
        accountsUrl: api,
      };
    },
    handle: (request) => router.handle(request),
    fault: (kind) =>
      kind === 'throttled'
        ? failed(429, 44, 'For security reasons you have been blocked for some time.', { 'retry-after': '1' })
        : jsonResponse(503, '<html>Service Unavailable</html>', { 'content-type': 'text/html' }),
    seed: (items) => void book.seed(items),
    shopper: shopperIn(organization),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => workflow.quiet(),
    close: () => workflow.close(),
    staff: {
      revoke: () => {
        client.revoked = true;
      },
      withoutScope: (module) => void organization.missingScopes.add(module),
      requireApproval: () => {
        organization.needsApproval = true;
      },
      approveAll: () => {
        for (const one of organization.adjustments) apply(organization, one);
      },
      labelOrder: (id, members) => {
        const order = book.order(id)!;
        order.extra = { ...order.extra, ...members };
        book.touch(order);
      },
    },
  };
}

/** Orders are confirmed as back orders; what is sold over the counter is a sales order shipped at once. */
function shopperIn({ book }: Organization): Shopper {
  const shopper = shopperOf(book, { online: { policy: 'below-zero' }, till: { policy: 'below-zero' } });
  return { ...shopper, buy: (order) => shopper.buy(order.location === null ? order : { ...order, paid: true }) };
}
