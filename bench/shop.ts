import { type Doc, emptyPart } from '../src/domain/document.ts';
import { channelSettings } from '../src/engine/channel-settings.ts';
import type { Account, EngineContext } from '../src/engine/context.ts';
import type { Arriving } from '../src/engine/posting.ts';
import { openStock } from '../src/engine/stock.ts';
import { platforms } from '../src/platforms/index.ts';
import { realClock } from '../src/runtime/clock.ts';
import { seededRandom } from '../src/runtime/random.ts';
import { insertChannel, saveAccount } from '../src/store/accounts.ts';
import {
  analyzeCatalogue,
  listPlaces,
  mapListingsBySku,
  mapPlace,
  saveCellKeys,
  saveListings,
  savePlaces,
} from '../src/store/catalogue.ts';
import type { Database } from '../src/store/database.ts';

const ACCOUNTS = 5;
const PAGE = 1_000;
const UNITS = 1_000_000;

export interface Shop {
  context: EngineContext;
  /** Five accounts that all sell every item: a sale marks five cells. Orders come from the first. */
  accounts: Account[];
}

/** A ledger with so many items at one location, sold on five accounts with one place each. */
export async function openShop(db: Database, items: number): Promise<Shop> {
  const accounts: Account[] = [];
  const context: EngineContext = {
    db,
    clock: realClock,
    random: seededRandom(1),
    transport: () => Promise.reject(new Error('nothing is called here')),
    log: { info() {}, warn() {}, error() {} },
    skewMs: 1_000,
    events: { emit() {} },
    accounts: {
      all: () => accounts,
      byId: (id) => accounts.find((one) => one.row.id === id),
      byHookKey: () => undefined,
      byKey: (_platform, key) => accounts.find((one) => one.row.key === key),
      heard() {},
      refused() {},
      listingsChanged() {},
      reload: async () => {},
      takeOver() {},
    },
  };
  const skus = Array.from({ length: items }, (_, index) => `SKU-${index}`);
  const at = new Date().toISOString();
  const pages = Array.from({ length: Math.ceil(items / PAGE) }, (_, page) =>
    skus.slice(page * PAGE, (page + 1) * PAGE),
  );
  for (const page of pages)
    await openStock(
      context,
      page.map((sku) => ({ sku, title: sku, location: 'W1', units: UNITS })),
      'bench',
    );
  const platform = platforms[0]!;
  for (let nth = 0; nth < ACCOUNTS; nth++) {
    const key = `shop-${nth}`;
    const row = await saveAccount(db, {
      platform: platform.facts.id,
      key,
      config: Buffer.from('x'),
      hookKey: key,
      // Orders of the bench are later than the opening.
      at: new Date(0).toISOString(),
    });
    const channel = await insertChannel(db, {
      name: key,
      accountId: row.id,
      role: 'sells',
      source: null,
      settings: {},
      at,
    });
    await savePlaces(db, row.id, [{ location: 'P', name: 'W1', active: true }]);
    await mapPlace(db, row.id, 'P', [1]);
    for (const page of pages) {
      await saveListings(
        db,
        row.id,
        page.map((sku) => ({ listing: `${key}-${sku}`, stockKey: `${key}-${sku}`, sku, title: sku, tracked: true })),
        at,
      );
      await saveCellKeys(
        db,
        row.id,
        page.map((sku) => ({ stockKey: `${key}-${sku}`, location: 'P' })),
      );
    }
    await analyzeCatalogue(db);
    await mapListingsBySku(db, row.id);
    accounts.push({
      row,
      platform,
      config: { account: key },
      client: undefined as never,
      budgets: undefined as never,
      channels: [{ ...channel, mode: 'live', settings: channelSettings.parse({}) }],
      places: new Map(),
    });
  }
  for (const place of await listPlaces(db))
    accounts.find((account) => account.row.id === place.accountId)?.places.set(place.remote, place);
  await analyzeCatalogue(db);
  return { context, accounts };
}

let orders = 0;

/** New orders of one line and one unit each, as a webhook carries them. `itemOf` chooses what is bought. */
export function newOrders(account: Account, count: number, itemOf: () => number): Arriving[] {
  const saleAt = new Date().toISOString();
  return Array.from({ length: count }, () => {
    const id = ++orders;
    const sku = `SKU-${itemOf()}`;
    const state: Doc = {
      account: account.row.key,
      doc: `order:${id}`,
      rev: saleAt,
      whole: true,
      saleAt,
      state: 'paid',
      lines: [
        {
          line: `${id}-1`,
          listing: `${account.row.key}-${sku}`,
          sku,
          parts: [{ ...emptyPart, location: 'P', committed: 1, taken: 1 }],
        },
      ],
    };
    return { account, doc: state.doc, arrival: { how: 'carried' }, state };
  });
}

/** Everything that was sold is forgotten; the shop is as it was opened. */
export async function closeTheDay(db: Database): Promise<void> {
  await db.query('truncate movement, document, dirty, notice, wish restart identity cascade');
  await db.query('update level set committed = 0');
  await db.query('vacuum analyze level');
  orders = 0;
}
