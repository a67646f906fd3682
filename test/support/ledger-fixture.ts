import { type Doc, emptyPart, type Part } from '../../src/domain/document.ts';
import { type ChannelSettings, channelSettings } from '../../src/engine/channel-settings.ts';
import type { Account, EngineContext } from '../../src/engine/context.ts';
import { openStock } from '../../src/engine/stock.ts';
import type { AnyPlatform, Facts } from '../../src/platform/contract.ts';
import { virtualClock } from '../../src/platform/testing/virtual-clock.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { insertChannel, saveAccount } from '../../src/store/accounts.ts';
import {
  listLocationRows,
  listPlaces,
  mapListingsBySku,
  mapPlace,
  saveCellKeys,
  saveListings,
  savePlaces,
} from '../../src/store/catalogue.ts';
import type { Database } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openDatabase } from '../../src/store/open-database.ts';
import { truncateAll } from '../../src/store/truncation.ts';

export const START = Date.parse('2026-11-24T08:00:00Z');

/** Facts of a made-up platform: guarded writes, one feed of orders. */
const plainFacts: Facts = {
  id: 'plain',
  name: 'Plain',
  apiVersion: '1',
  sources: [],
  roles: ['sells'],
  trigger: 'order',
  writeCall: 'set',
  hooks: { kind: 'webhook', signature: 'hmac', retries: 'none', silentAfterMs: 3_600_000 },
  operations: { any: { budgets: [], retry: 'safe', timeoutMs: 5_000, priority: 'fetch' } },
  budgets: {},
  push: {
    mode: 'cas',
    readFirst: false,
    batchMax: 100,
    visibleAfterMs: 0,
    refusesBelowZero: 'atomic',
    decimals: 0,
    min: 0,
    max: 1_000_000,
  },
  read: { batchMax: 100 },
  feeds: { orders: { everyMs: 60_000, everyMsAlone: 10_000, lagMs: 1_000, tells: 'orders' } },
  revision: 'integer',
  lowersItself: 'created',
  setup: { who: 'owner', minutes: 1, waitDays: 0, accounts: [] },
  evidence: { rung: 'modelled', why: 'made up', checkedAt: '2026-11-24' },
  notSupported: [],
};

let shared: Promise<Database> | undefined;

/** One store in memory per test file, emptied between tests. */
export async function emptyStore(): Promise<Database> {
  shared ??= openDatabase({ memory: true }).then(async (db) => {
    await migrate(db);
    return db;
  });
  const db = await shared;
  await truncateAll(db);
  return db;
}

export interface LedgerFixture {
  db: Database;
  context: EngineContext;
  clock: ReturnType<typeof virtualClock>;
  accounts: Account[];
}

/**
 * Two accounts with one place each over two locations W1 and W2 (a pool), items A, B, C with 10 units at W1 and 5 at W2,
 * listings `<key>-A` … mapped by SKU.
 */
export async function ledgerFixture(
  over: { facts?: Partial<Facts>; settings?: Partial<ChannelSettings>; platform?: Partial<AnyPlatform> } = {},
): Promise<LedgerFixture> {
  const db = await emptyStore();
  const clock = virtualClock(START);
  const accounts: Account[] = [];
  const context: EngineContext = {
    db,
    clock,
    random: seededRandom(1),
    transport: () => Promise.reject(new Error('no transport in this fixture')),
    log: { info() {}, warn() {}, error() {} },
    skewMs: 100,
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
  const skus = ['A', 'B', 'C'];
  await openStock(
    context,
    skus.flatMap((sku) => [
      { sku, title: `Item ${sku}`, location: 'W1', units: 10 },
      { sku, title: `Item ${sku}`, location: 'W2', units: 5 },
    ]),
    'test',
  );
  const at = new Date(START).toISOString();
  const locations = (await listLocationRows(db)).map((row) => row.id);
  const facts = { ...plainFacts, ...over.facts };
  for (const key of ['one', 'two']) {
    const row = await saveAccount(db, {
      platform: facts.id,
      key,
      config: Buffer.from('x'),
      hookKey: `hook-${key}`,
      at,
    });
    const channel = await insertChannel(db, {
      name: `channel ${key}`,
      accountId: row.id,
      role: 'sells',
      source: null,
      settings: {},
      at,
    });
    await savePlaces(db, row.id, [{ location: '-', name: 'pool', active: true }]);
    await mapPlace(db, row.id, '-', locations);
    await saveListings(
      db,
      row.id,
      skus.map((sku) => ({ listing: `${key}-${sku}`, stockKey: `${key}-${sku}`, sku, title: sku, tracked: true })),
      at,
    );
    await saveCellKeys(
      db,
      row.id,
      skus.map((sku) => ({ stockKey: `${key}-${sku}`, location: '-' })),
    );
    await mapListingsBySku(db, row.id);
    accounts.push({
      row,
      platform: { facts, ...over.platform } as AnyPlatform,
      config: { account: key },
      client: undefined as never,
      budgets: undefined as never,
      channels: [{ ...channel, mode: 'live', settings: channelSettings.parse(over.settings ?? {}) }],
      places: new Map(),
    });
  }
  const places = await listPlaces(db);
  for (const account of accounts)
    account.places = new Map(
      places.filter((place) => place.accountId === account.row.id).map((place) => [place.remote, place]),
    );
  return { db, context, clock, accounts };
}

/** A state of an order: one line per entry, units promised unless said otherwise. */
export function order(
  account: Account,
  id: string,
  rev: number | null,
  lines: Record<string, Partial<Part>>,
  over: Partial<Doc> = {},
): Doc {
  return {
    account: account.row.key,
    doc: `order:${id}`,
    rev: rev === null ? null : String(rev),
    whole: true,
    saleAt: new Date(START + 1_000).toISOString(),
    lines: Object.entries(lines).map(([sku, part], index) => ({
      line: String(index + 1),
      listing: `${account.row.key}-${sku}`,
      sku,
      parts: [{ ...emptyPart, taken: (part.committed ?? 0) + (part.out ?? 0), ...part }],
    })),
    ...over,
  };
}

/** Sum over locations. */
export async function stockOf(db: Database, sku: string): Promise<{ onHand: number; committed: number }> {
  const rows = await db.query<{ onHand: number; committed: number }>(
    `select coalesce(sum(v.on_hand), 0) as "onHand", coalesce(sum(v.committed), 0) as committed
     from level v join item i on i.id = v.item_id where i.sku = $1`,
    [sku],
  );
  return { onHand: rows[0]!.onHand, committed: rows[0]!.committed };
}
