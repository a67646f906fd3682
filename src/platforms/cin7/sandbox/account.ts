import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { ChangeLog } from '../../../platform/sandbox-kit/change-log.ts';
import { StockBook, type StockItem, type StockOrder } from '../../../platform/sandbox-kit/index.ts';

/** What the account remembers of a product. */
interface ProductNotes {
  /** Put together by itself from parts. */
  made?: boolean;
  /** Units of a level that lie in a bin or batch, by location. */
  binned?: Map<string, number>;
}

export function productNotes(item: StockItem): ProductNotes {
  item.extra ??= {};
  return item.extra as ProductNotes;
}

/** One account of either product. */
export class Account {
  readonly book: StockBook;
  readonly places: { id: string; name: string; closed: boolean }[];
  /** Orders that have a credit note, by its last change. */
  readonly credited = new ChangeLog<StockOrder>();
  apiKey: string;
  revoked = false;

  constructor(
    readonly options: SandboxOptions,
    ids: Pick<ConstructorParameters<typeof StockBook>[0], 'itemId' | 'orderId' | 'lineId'>,
    /** The account ID of Core, the user name of Omni. */
    readonly account: string,
  ) {
    this.book = new StockBook({
      clock: options.clock,
      locations: options.locations.map(({ id }) => id),
      takesAt: 'paid',
      ...ids,
    });
    this.places = options.locations.map((place) => ({ ...place, closed: false }));
    this.apiKey = guidOf('a91c', Math.floor(options.random() * 1e12));
    this.book.onChange((event) => {
      if (event.kind === 'order' && event.cause === 'refunded')
        this.credited.touch(event.order, event.order.changedAtMs);
    });
  }

  nameOf(id: string): string {
    return this.places.find((place) => place.id === id)!.name;
  }
}

export const guidOf = (kind: string, seq: number): string =>
  `6f0a3c1e-${kind}-4000-8000-${String(seq).padStart(12, '0')}`;

export const iso = (ms: number): string => new Date(Math.floor(ms)).toISOString();
