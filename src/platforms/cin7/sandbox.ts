import { createHash } from 'node:crypto';
import type { Sandbox, SandboxOptions } from '../../platform/sandbox.ts';
import { Account, guidOf, productNotes } from './sandbox/account.ts';
import { CoreEndpoint, THROTTLED } from './sandbox/core-endpoint.ts';
import { CoreHooks } from './sandbox/core-hooks.ts';
import { OMNI_THROTTLED, OmniEndpoint, type OmniQuantity } from './sandbox/omni-endpoint.ts';
import { people } from './sandbox/people.ts';

/** What an account's staff can do beyond what every sandbox's shopper does; for tests of this platform. */
export interface Cin7Sandbox extends Sandbox {
  staff: {
    revoke(): void;
    closeLocation(location: string): void;
    renameLocation(location: string, name: string): void;
    /** So many units of a level lie in a bin. */
    putInBin(sku: string, location: string, units: number): void;
    makeFromParts(sku: string): void;
  };
  refusedCalls(): number;
}

const UNAVAILABLE = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from('<h1>Bad Gateway</h1>'),
};

function common(
  account: Account,
  refused: () => number,
): Omit<Cin7Sandbox, 'config' | 'handle' | 'fault' | 'quiet' | 'close'> {
  const { book } = account;
  const place = (location: string) => account.places.find(({ id }) => id === location)!;
  return {
    platform: 'cin7',
    account: account.account,
    seed: (items) => void book.seed(items),
    shopper: people(account),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    refusedCalls: refused,
    staff: {
      revoke() {
        account.revoked = true;
      },
      closeLocation(location) {
        place(location).closed = true;
      },
      renameLocation(location, name) {
        place(location).name = name;
      },
      putInBin(sku, location, units) {
        const notes = productNotes(book.shelves.item(sku)!);
        notes.binned = new Map(notes.binned).set(location, units);
      },
      makeFromParts(sku) {
        productNotes(book.shelves.item(sku)!).made = true;
      },
    },
  };
}

/** Another for every name: two stand-ins are two accounts. */
function accountId(name: string): string {
  const digits = createHash('sha256').update(name).digest('hex');
  return [digits.slice(0, 8), digits.slice(8, 12), '4000', '8000', digits.slice(12, 24)].join('-');
}

/** One account of Cin7 Core: thin webhooks a minute late, lists by pages that shift, absolute stock adjustments. */
export function cin7Sandbox(options: SandboxOptions): Cin7Sandbox & { hooks: CoreHooks } {
  const account = new Account(
    options,
    { itemId: (seq) => guidOf('1111', seq), orderId: (seq) => guidOf('2222', seq) },
    accountId(options.name),
  );
  const hooks = new CoreHooks(account);
  const endpoint = new CoreEndpoint(account, hooks);
  const stopTelling = hooks.tell();
  return {
    ...common(account, () => endpoint.limiter.refused),
    config: ({ api }) => ({ product: 'core', account: account.account, apiKey: account.apiKey, apiUrl: api }),
    handle: (request) => endpoint.handle(request),
    fault: (kind) => (kind === 'throttled' ? THROTTLED : UNAVAILABLE),
    quiet: () => hooks.sender.quiet(),
    close() {
      stopTelling();
      hooks.sender.close();
    },
    hooks,
  };
}

/** One account of Cin7 Omni: no webhooks, whole orders by change time, adjustments with a reference used once. */
export function omniSandbox(
  options: SandboxOptions,
  meaning: OmniQuantity = 'difference',
): Cin7Sandbox & { modules: Set<string> } {
  const account = new Account(
    options,
    { itemId: (seq) => String(900 + seq), orderId: (seq) => String(1_000 + seq) },
    `${options.name}US`,
  );
  const endpoint = new OmniEndpoint(account, meaning);
  return {
    ...common(account, () => endpoint.limiter.refused),
    config: ({ api }) => ({
      product: 'omni',
      account: account.account,
      apiKey: account.apiKey,
      omniQuantity: meaning,
      apiUrl: api,
    }),
    handle: (request) => endpoint.handle(request),
    fault: (kind) => (kind === 'throttled' ? OMNI_THROTTLED : UNAVAILABLE),
    quiet: () => true,
    close() {},
    modules: endpoint.modules,
  };
}
