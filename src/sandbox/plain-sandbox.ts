import type { AnyPlatform } from '../platform/contract.ts';
import { jsonResponse } from '../platform/http.ts';
import type { Sandbox, SandboxOptions } from '../platform/sandbox.ts';
import { HookSender, StockBook, shopperOf } from '../platform/sandbox-kit/index.ts';

/** A stand-in of no vendor, with the kit's book and a webhook per changed order: to try the world itself on. */
export function plainSandbox(options: SandboxOptions & { pool?: boolean }): Sandbox {
  const places = options.locations.slice(0, options.pool ? 1 : undefined).map(({ id }) => id);
  const book = new StockBook({ clock: options.clock, locations: places, takesAt: 'placed' });
  const hooks = new HookSender({
    ...options,
    plan: { delayMs: () => 1_000, retriesMs: [2_000], bodyFrom: 'event', coalesce: false, offAfter: null },
  });
  book.onChange((event) => {
    if (event.kind !== 'order') return;
    const body = JSON.stringify({ shop: options.name, order: event.order.id, version: event.order.version });
    hooks.send({
      subscription: 'all',
      key: event.order.id,
      build: () => ({ method: 'POST', url: 'https://onhand.test/hooks', headers: {}, body }),
    });
  });
  return {
    platform: 'plain',
    account: options.name,
    config: (base) => ({ account: options.name, ...base }),
    handle: async (request) => jsonResponse(200, { shop: options.name, path: new URL(request.url).pathname }),
    fault: (kind) => jsonResponse(kind === 'throttled' ? 429 : 503, { kind }),
    seed: (items) => void book.seed(items),
    shopper: shopperOf(book, { online: { policy: 'refuse' }, till: { policy: 'below-zero' } }),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => hooks.quiet(),
    close: () => hooks.close(),
  };
}

/** Enough of a platform for a world to stand it up; it has no connector. */
export const plainPlatform = (id: string, pool = false): AnyPlatform =>
  ({
    facts: { id },
    sandbox: (options: SandboxOptions) => plainSandbox({ ...options, pool }),
  }) as unknown as AnyPlatform;
