import type { HttpRequest, HttpResponse } from '../../platform/http.ts';
import type { Sandbox, SandboxOptions } from '../../platform/sandbox.ts';
import { RateLimiter, Router } from '../../platform/sandbox-kit/index.ts';
import { Refusal, tooMany, unauthorized } from './sandbox/answers.ts';
import { Clerk } from './sandbox/clerk.ts';
import { type Company, openCompany, SHRINKAGE, stockShelves } from './sandbox/company.ts';
import { HookQueue } from './sandbox/events.ts';
import { companyRoutes } from './sandbox/routes.ts';
import { Tokens } from './sandbox/tokens.ts';

export interface QboSandbox extends Sandbox {
  /** What people can do besides selling. */
  staff: {
    /** Deletes a document for good. */
    remove(id: string): boolean;
    disconnect(): void;
    makeInactive(sku: string): void;
    withoutAdjustments(): void;
    closeBooks(): void;
    /** The form of webhooks before CloudEvents. */
    legacyHooks(): void;
    /** Production gathers events for minutes and sends them as one. */
    gatherHooks(): void;
    adjustments(): Record<string, unknown>[];
  };
}

/** One QuickBooks Online company with one app: its API v3, its tokens of an hour, its gathered webhooks. */
export function qboSandbox(options: SandboxOptions): QboSandbox {
  const company = openCompany(options);
  const { book } = company;
  const hooks = new HookQueue(company);
  const tokens = new Tokens(company);
  const clerk = new Clerk(company, hooks);
  // Every change of a quantity is a change of the item, whatever made it.
  book.onChange((event) => {
    if (event.kind === 'level' && event.cause !== 'fulfil') hooks.tell('Item', event.level.item.id, 'updated');
  });
  const limiter = new RateLimiter({
    clock: options.clock,
    factor: options.factor,
    unlimited: options.unlimited,
    limits: {
      minute: { kind: 'window', max: 500, perMs: 60_000 },
      second: { kind: 'bucket', size: 10, perSecond: 10 },
    },
  });
  const router = new Router({
    notFound: () => {
      throw new Refusal(404, '4002', 'Unsupported Operation', 'The resource does not exist');
    },
    wrongMethod: () => {
      throw new Refusal(405, '4002', 'Unsupported Operation', 'The method is not supported');
    },
  });
  companyRoutes(company, router);
  return {
    platform: 'quickbooks-online',
    account: company.realmId,
    config: ({ api, hook }) => {
      // Webhooks are set up in the developer portal: by hand, not by API.
      company.hookUrl = hook;
      return {
        account: company.realmId,
        clientId: tokens.clientId,
        clientSecret: tokens.clientSecret,
        refreshToken: tokens.refreshToken,
        webhookSecret: company.verifierToken,
        salesHere: 'count',
        adjustmentAccount: SHRINKAGE,
        apiUrl: api,
        tokenUrl: api,
      };
    },
    handle: async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/oauth2/v1/tokens/bearer') return tokens.renew(request);
      if (!tokens.isGood(request.headers['authorization'])) return unauthorized();
      if (!limiter.take('second').ok || !limiter.take('minute').ok) return tooMany();
      return serve(company, router, request);
    },
    fault: (kind) =>
      kind === 'throttled'
        ? tooMany()
        : {
            status: 503,
            headers: { 'content-type': 'text/html' },
            body: Buffer.from('<html>Service Unavailable</html>'),
          },
    seed: (items) => stockShelves(company, items),
    shopper: clerk,
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => hooks.quiet(),
    close: () => hooks.close(),
    staff: {
      remove: clerk.remove,
      disconnect: () => tokens.revoke(),
      makeInactive: (sku) => {
        company.inactive.add(book.shelves.item(sku)!.id);
      },
      withoutAdjustments: () => {
        company.hasAdjustments = false;
      },
      closeBooks: () => {
        company.booksClosed = true;
      },
      legacyHooks: () => {
        company.legacyHooks = true;
      },
      gatherHooks: () => {
        hooks.gathers = true;
      },
      adjustments: () => company.adjustments.map(({ body }) => body),
    },
  };
}

async function serve(company: Company, router: Router, request: HttpRequest): Promise<HttpResponse> {
  try {
    return await router.handle(request);
  } catch (error) {
    if (error instanceof Refusal) return error.response(company);
    if (error instanceof SyntaxError)
      return new Refusal(400, '2010', 'Request has invalid or unsupported property', 'The body is no JSON').response(
        company,
      );
    throw error;
  }
}
