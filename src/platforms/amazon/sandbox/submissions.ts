import type { Routed, StockItem } from '../../../platform/sandbox-kit/index.ts';
import { isRecord, list, record, text } from '../shape.ts';
import { demandScope } from './listings.ts';
import { extraOf, hex, invalid, placeOfCode, type Stand, scaled } from './stand.ts';

const OPS = ['add', 'replace', 'merge', 'delete'];
const AVAILABILITY = 'fulfillment_availability';

/** Accepted patches on their way into force: minutes later, one after the other for each SKU. */
export class Submissions {
  readonly #stand: Stand;
  readonly #cancels = new Set<() => void>();
  /** When the last accepted patch of a SKU comes into force. */
  readonly #lastMs = new Map<string, number>();

  constructor(stand: Stand) {
    this.#stand = stand;
  }

  quiet(): boolean {
    return this.#cancels.size === 0;
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }

  /** `PATCH /listings/2021-08-01/items/{sellerId}/{sku}`. Unknown SKUs are accepted, and nothing ever happens. */
  patch(routed: Routed): unknown {
    demandScope(this.#stand, routed);
    const sku = routed.params['sku']!;
    const body = readBody(routed);
    const { random } = this.#stand.options;
    const submission = (status: string, issues: unknown[]) => ({ sku, status, submissionId: hex(random, 32), issues });
    const issues = body.patches.flatMap((one) => issuesOf(one));
    if (issues.length > 0) return submission('INVALID', issues);
    if (routed.query.get('mode') === 'VALIDATION_PREVIEW') return submission('VALID', []);
    const item = this.#stand.book.shelves.item(sku);
    if (item) for (const one of body.patches) this.#accept(item, one);
    return submission('ACCEPTED', []);
  }

  #accept(item: StockItem, patch: Patch): void {
    const extra = extraOf(item);
    extra.submitted[patch.attribute] = merged(extra.submitted[patch.attribute] ?? [], patch);
    if (patch.attribute !== AVAILABILITY) return;
    const { clock, random } = this.#stand.options;
    // Mostly half a minute to four; one in fifty takes up to a quarter of an hour.
    const vendorMs = random() < 0.02 ? 300_000 + random() * 600_000 : 20_000 + random() * 220_000;
    const atMs = Math.max(clock.now() + scaled(this.#stand, vendorMs), this.#lastMs.get(item.sku) ?? 0);
    this.#lastMs.set(item.sku, atMs);
    const cancel = clock.after(atMs - clock.now(), () => {
      this.#cancels.delete(cancel);
      this.#apply(item, patch);
    });
    this.#cancels.add(cancel);
  }

  #apply(item: StockItem, patch: Patch): void {
    const { book, own } = this.#stand;
    const named = new Map(
      patch.value.map((entry) => [
        placeOfCode(this.#stand, text(entry['fulfillment_channel_code'])!),
        entry['quantity'],
      ]),
    );
    extraOf(item).updatedMs = this.#stand.options.clock.now();
    if (patch.op !== 'delete') extraOf(item).byMerchant = true;
    for (const location of own) {
      const level = book.shelves.level(item, location)!;
      const quantity = named.get(location);
      if (patch.op === 'delete' || (patch.op !== 'merge' && !named.has(location))) book.write(level, { available: 0 });
      else if (typeof quantity === 'number') book.write(level, { available: quantity });
    }
  }
}

interface Patch {
  op: string;
  /** Top level only: `/attributes/{name}`. */
  attribute: string;
  value: Record<string, unknown>[];
}

/** @throws Refusal (400) where the body does not even have the model's form. */
function readBody(routed: Routed): { patches: Patch[] } {
  let body: unknown;
  try {
    body = routed.json();
  } catch {
    throw invalid('The body is not JSON.');
  }
  const patches = list(record(body)['patches']);
  if (typeof record(body)['productType'] !== 'string') throw invalid('productType is required.');
  if (patches.length === 0) throw invalid('patches must have at least 1 item.');
  return {
    patches: patches.map((one) => {
      const { op, path, value } = record(one);
      const attribute = /^\/attributes\/([a-z0-9_]+)$/.exec(text(path) ?? '')?.[1];
      if (!OPS.includes(text(op) ?? '')) throw invalid('Invalid op.');
      if (!attribute) throw invalid(`Invalid path: ${String(path)}.`);
      if (op !== 'delete' && (!Array.isArray(value) || !value.every(isRecord)))
        throw invalid('value must be an array of objects.');
      return { op: text(op)!, attribute, value: list(value).filter(isRecord) };
    }),
  };
}

/** What Amazon's product type schema says of an availability. */
function issuesOf(patch: Patch): unknown[] {
  if (patch.attribute !== AVAILABILITY || patch.op === 'delete') return [];
  return patch.value.flatMap((entry) => {
    const code = entry['fulfillment_channel_code'];
    const quantity = entry['quantity'];
    const say =
      typeof code !== 'string'
        ? "'fulfillment_channel_code' is required but not supplied."
        : code.startsWith('AMAZON_') && quantity !== undefined
          ? `The quantity of ${code} is kept by Amazon.`
          : quantity !== undefined && (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 0)
            ? `The value specified is invalid: ${String(quantity)}.`
            : undefined;
    if (!say) return [];
    return [
      {
        code: '90220',
        message: say,
        severity: 'ERROR',
        attributeNames: [AVAILABILITY],
        categories: ['INVALID_ATTRIBUTE'],
      },
    ];
  });
}

/** merge keeps what stands beside (lead_time_to_ship_max_days); replace and add wipe it. */
function merged(before: Record<string, unknown>[], patch: Patch): Record<string, unknown>[] {
  if (patch.op === 'delete') return [];
  if (patch.op !== 'merge') return patch.value;
  const selector = 'fulfillment_channel_code';
  const changes = new Map(patch.value.map((entry) => [entry[selector], entry]));
  const kept = before.map((entry) => ({ ...entry, ...changes.get(entry[selector]) }));
  const known = new Set(before.map((entry) => entry[selector]));
  return [...kept, ...patch.value.filter((entry) => !known.has(entry[selector]))];
}
