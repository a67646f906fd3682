import { bodyText, type HttpRequest, type HttpResponse } from '../../platform/http.ts';
import type { Sandbox, SandboxOptions, Shopper } from '../../platform/sandbox.ts';
import { openOf, RateLimiter, shopperOf } from '../../platform/sandbox-kit/index.ts';
import { HEAD, listJson, listXml, oneXml, page, Refusal, send } from './sandbox/answers.ts';
import { hear, moduleOf } from './sandbox/events.ts';
import { listed, readFilters } from './sandbox/query.ts';
import { RESOURCES, stockRows } from './sandbox/resources.ts';
import { AWAITING, openState, PAID, type State, stockShelves } from './sandbox/state.ts';
import { putStock } from './sandbox/write.ts';

/** What a middling host lets one visitor do before its firewall answers. PrestaShop itself has no limit. */
const HOST = { kind: 'bucket', size: 100, perSecond: 25 } as const;
/** An order takes about this long; another one within that time sees the stock as it was. */
const RACE_MS = 250;

export interface PrestaSandbox extends Sandbox {
  /** What the shop's people and its host can do besides selling. */
  staff: {
    revokeKey(): void;
    /** Takes a right away, like `stock_availables PUT`. */
    deny(right: string): void;
    switchServiceOff(): void;
    /** From another host name: a write comes in as a read. */
    redirect(): void;
    /** Another number for Canceled than 6. */
    nameCanceled(state: string): void;
    /** The stock of this SKU is computed from warehouses from now on. */
    compute(sku: string): void;
    /** Records that were written back without what they held. */
    torn(): string[];
  };
}

/** One PrestaShop 1.7 with a shop per place and the Onhand module installed: its webservice, whole elements and all. */
export function prestaSandbox(options: SandboxOptions): PrestaSandbox {
  const state = openState(options);
  const { book } = state;
  const module = moduleOf(state);
  const limiter = new RateLimiter({
    clock: options.clock,
    factor: options.factor,
    unlimited: options.unlimited,
    limits: { host: HOST },
  });
  book.onChange((event) => hear(state, module, event));
  return {
    platform: 'prestashop',
    account: `${options.name}.example`,
    config: ({ api, hook }) => {
      state.hookUrl = hook;
      return {
        account: `${options.name}.example`,
        url: api,
        webserviceKey: state.key,
        timeZone: state.zone,
        ...(options.locations.length > 1 && { shop: 'all' }),
        webhookSecret: state.webhookSecret,
      };
    },
    handle: async (request) => {
      const taken = limiter.take('host');
      if (!taken.ok)
        return page(429, 'Too Many Requests', { 'retry-after': String(Math.ceil(taken.retryAfterMs / 1000)) });
      return answer(state, request);
    },
    fault: (kind) =>
      kind === 'throttled'
        ? page(429, 'Too Many Requests', { 'retry-after': '1' })
        : page(503, 'Service Temporarily Unavailable'),
    seed: (items) => stockShelves(state, items),
    shopper: shopper(state),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => module.quiet(),
    close: () => module.close(),
    staff: {
      revokeKey: () => {
        state.revoked = true;
      },
      deny: (right) => void state.denied.add(right),
      switchServiceOff: () => {
        state.serviceOn = false;
      },
      redirect: () => {
        state.redirects = true;
      },
      nameCanceled: (name) => {
        state.canceledState = name;
      },
      compute: (sku) => {
        for (const { row, item } of stockRows(state, state.products))
          if (item?.sku === sku) state.computed.add(row['id']!);
      },
      torn: () => [...state.torn],
    },
  };
}

function answer(state: State, request: HttpRequest): HttpResponse {
  const url = new URL(request.url);
  const path = /\/api(?:\/([a-z_]+)(?:\/([^/]+))?)?\/?$/.exec(url.pathname);
  if (!path) return page(404, 'Page not found');
  try {
    const [, name, id] = path;
    const method = state.redirects ? 'GET' : request.method;
    admit(state, request, url, name, method);
    if (name === undefined) return send(state, 200, `${HEAD}<api>\n</api>\n</prestashop>\n`);
    if (method === 'PUT') return send(state, 200, putStock(state, id, bodyText(request)));
    return get(state, name, id, url.searchParams);
  } catch (error) {
    if (error instanceof Refusal) return send(state, error.status, error.body());
    throw error;
  }
}

/** @throws Refusal as the webservice words it */
function admit(state: State, request: HttpRequest, url: URL, name: string | undefined, method: string): void {
  if (!state.serviceOn)
    throw new Refusal(503, [
      22,
      'The PrestaShop webservice is disabled. Please activate it in the PrestaShop Back Office',
    ]);
  const basic = /^Basic (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
  const key =
    url.searchParams.get('ws_key') ??
    Buffer.from(basic ?? '', 'base64')
      .toString('utf8')
      .split(':')[0];
  if (!key) throw new Refusal(401, [17, 'Authentication key is empty']);
  if (key.length !== 32) throw new Refusal(401, [18, 'Invalid authentication key format']);
  if (state.revoked || key !== state.key) throw new Refusal(401, [21, 'Authentication key does not exist']);
  if (name === undefined) return;
  if (!RESOURCES[name] || state.denied.has(name))
    throw new Refusal(401, [26, `Resource of type "${name}" is not allowed with this authentication key`]);
  const writes = name === 'stock_availables' && method === 'PUT';
  if ((method !== 'GET' && !writes) || state.denied.has(`${name} ${method}`))
    throw new Refusal(405, [
      25,
      `Method ${method} is not allowed for the resource ${name} with this authentication key`,
    ]);
}

function get(state: State, name: string, id: string | undefined, query: URLSearchParams): HttpResponse {
  const { list, one, rows } = RESOURCES[name]!;
  if (query.get('schema') === 'synopsis' && name === 'stock_availables') return send(state, 200, SYNOPSIS);
  const filters = readFilters(query);
  if (id !== undefined) filters.set('id', { kind: 'among', values: [id] });
  const found = rows(state, filters).filter((row) => isOfShop(state, row, name, query.get('id_shop')));
  if (id !== undefined) {
    const row = found.find((candidate) => candidate['id'] === id);
    // No body at all.
    return row ? send(state, 200, oneXml(one, row)) : send(state, 404, '', null);
  }
  const shown = listed(found, filters, query);
  return query.get('output_format') === 'JSON'
    ? send(state, 200, listJson(list, shown), 'application/json')
    : send(state, 200, listXml(list, one, shown));
}

/** Without a shop named, the default one's. */
function isOfShop(state: State, row: Record<string, string>, name: string, shop: string | null): boolean {
  const { locations } = state.options;
  if (shop !== null && shop !== 'all' && !locations.some(({ id }) => id === shop))
    throw new Refusal(404, [999, 'This shop id does not exist']);
  if (shop === 'all' || !('id_shop' in row) || name === 'shops') return true;
  return row['id_shop'] === (shop ?? locations[0]!.id);
}

const SYNOPSIS = `${HEAD}<stock_available>
\t<id_product required="true" format="isUnsignedId"></id_product>
\t<id_product_attribute required="true" format="isUnsignedId"></id_product_attribute>
\t<id_shop format="isUnsignedId"></id_shop>
\t<id_shop_group format="isUnsignedId"></id_shop_group>
\t<quantity required="true" format="isInt"></quantity>
\t<depends_on_stock required="true" format="isBool"></depends_on_stock>
\t<out_of_stock required="true" format="isInt"></out_of_stock>
\t<location maxSize="255" format="isString"></location>
</stock_available>
</prestashop>
`;

/** Each shop sells from its own stock; an order is in one state, so nothing ships in parts. */
function shopper(state: State): Shopper {
  const { book } = state;
  const racy = { policy: 'racy', windowMs: RACE_MS / state.options.factor } as const;
  const base = shopperOf(book, {
    online: racy,
    till: racy,
    tillFulfils: false,
    extra: ({ paid }) => ({ state: paid ? PAID : AWAITING, history: [], updatedMs: 0 }),
  });
  return {
    ...base,
    buy: (order) => base.buy({ ...order, location: order.location ?? book.shelves.locations[0]! }),
    fulfil(id, lines) {
      const order = book.order(id);
      if (!order) return false;
      const open = order.lines.reduce((units, line) => units + openOf(line, order), 0);
      const asked = lines?.reduce((units, line) => units + line.quantity, 0) ?? open;
      return asked === open && base.fulfil(id);
    },
  };
}
