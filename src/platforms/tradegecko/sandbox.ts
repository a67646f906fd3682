import { jsonResponse } from '../../platform/http.ts';
import type { Sandbox, SandboxOptions, Shopper } from '../../platform/sandbox.ts';
import { shopperOf } from '../../platform/sandbox-kit/index.ts';
import { Endpoint } from './sandbox/endpoint.ts';
import { tellEvents } from './sandbox/events.ts';
import { HookList } from './sandbox/hook-list.ts';
import { Lists } from './sandbox/lists.ts';
import { itemNotes, openStand, type Stand } from './sandbox/stand.ts';
import { Tokens } from './sandbox/tokens.ts';

/** What the account's staff can do beyond what every sandbox's shopper does; for tests of this platform. */
export interface GeckoSandbox extends Sandbox {
  staff: {
    /** Makes the variant a bundle. */
    bundle(sku: string): void;
    archive(sku: string): void;
    closeLocation(location: string): void;
    /** Takes the application's access away. */
    revoke(): void;
    /** As the vendor does after three days of failures. */
    dropHook(event: string): void;
    /** Staff change an open order's first line; no event is sent for that. */
    reduce(order: string, units: number): boolean;
  };
  secret: string;
  refusedCalls(): number;
}

/** One account as the service was: salespeople who sell below zero, a shop that hides what is sold out, voids without an event. */
export function geckoSandbox(platform: string, options: SandboxOptions): GeckoSandbox {
  const stand = openStand(options);
  const { book } = stand;
  const tokens = new Tokens(stand);
  const lists = new Lists(stand);
  const hooks = new HookList(stand, tokens.secret);
  const endpoint = new Endpoint(stand, tokens, lists, hooks);
  const stopTelling = tellEvents(stand, lists, hooks);
  const item = (sku: string) => book.shelves.item(sku)!;
  return {
    platform,
    account: stand.account,
    config: ({ api }) => ({
      account: stand.account,
      apiUrl: api,
      accessToken: tokens.first.token,
      accessTokenEndsAtMs: Math.floor(tokens.first.endsAtMs),
      refreshToken: tokens.refresh,
      applicationId: tokens.applicationId,
      redirectUri: tokens.redirectUri,
      webhookSecret: tokens.secret,
    }),
    handle: (request) => endpoint.handle(request),
    fault: (kind) =>
      kind === 'throttled'
        ? endpoint.throttled(5_000 / options.factor)
        : endpoint.dated(jsonResponse(503, { type: 'Service Unavailable', message: 'Down for maintenance' })),
    seed(items) {
      book.seed(items);
    },
    shopper: shopper(stand),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => hooks.sender.quiet(),
    close() {
      stopTelling();
      hooks.sender.close();
    },
    secret: tokens.secret,
    refusedCalls: () => endpoint.limiter.refused,
    staff: {
      bundle(sku) {
        itemNotes(item(sku)).composite = true;
      },
      archive(sku) {
        itemNotes(item(sku)).archived = true;
      },
      closeLocation(location) {
        for (const place of stand.locations) if (place.id === location) place.holdsStock = false;
      },
      revoke: () => tokens.revoke(),
      dropHook: (event) => hooks.drop(event),
      reduce(id, units) {
        const order = book.order(id);
        return (
          order !== undefined && book.cancel(order, [{ line: order.lines[0]!, quantity: units }], { close: false })
        );
      },
    },
  };
}

/** The shop looks whether there is enough when something is put into the cart. */
const CART_MS = 2_000;

/** An order stands at one location: the shop takes the first that has all of it. */
function shopper({ book, locations, options }: Stand): Shopper {
  const till = { policy: 'below-zero' } as const;
  const online = { policy: 'racy', windowMs: CART_MS / options.factor } as const;
  const people = shopperOf(book, { online, till });
  return {
    ...people,
    buy(wanted) {
      if (wanted.location !== null) return people.buy(wanted);
      const lines = [];
      for (const { sku, quantity } of wanted.lines) {
        const found = book.shelves.item(sku);
        if (!found) return { ok: false, why: `there is no item ${sku}` };
        lines.push({ item: found, quantity });
      }
      let answer: ReturnType<typeof book.place> = { ok: false, why: 'no location holds stock' };
      for (const { id } of locations.filter(({ holdsStock }) => holdsStock)) {
        answer = book.place({ lines, location: id, sell: online, paid: wanted.paid ?? true });
        if (answer.ok) return { ok: true, order: answer.order.id };
      }
      return answer;
    },
  };
}
