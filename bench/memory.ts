// Memory of the engine's process with 1,000, 100,000 and 1,000,000 listings imported and mapped. Each size is a process of its
// own: a made-up platform pages 1,000 listings at a time through the engine's own import; no lane runs.
//   npx tsx bench/memory.ts [--sizes 1000,100000,1000000]
// The embedded store is a worker thread of the process and counts to it. PostgreSQL joins in when ONHAND_TEST_DATABASE_URL
// names one: node scripts/postgres.mjs run -- npx tsx bench/memory.ts
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { Engine } from '../src/engine/engine.ts';
import { refreshListings } from '../src/engine/listings.ts';
import { openStock } from '../src/engine/stock.ts';
import type { AnyPlatform, Page, RemoteListing } from '../src/platform/contract.ts';
import { platforms } from '../src/platforms/index.ts';
import { realClock } from '../src/runtime/clock.ts';
import { insertChannel, saveAccount } from '../src/store/accounts.ts';
import { benchStores, machine, ratio } from './machine.ts';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,100000,1000000' },
    one: { type: 'string' },
    store: { type: 'string' },
  },
});
const PAGE = 1_000;
const ITEMS_AT_ONCE = 5_000;
const MIB = 1024 * 1024;

interface Measured {
  store: string;
  listings: number;
  mapped: number;
  seconds: number;
  beforeMib: number;
  rssMib: number;
  peakMib: number;
  heapMib: number;
}

/** A vendor with so many listings, none of them in memory: a page is made when it is asked for. */
function madeUp(listings: number): AnyPlatform {
  const like = platforms[0]!;
  return {
    ...like,
    facts: { ...like.facts, id: 'made-up', name: 'Made up' },
    config: z.looseObject({ account: z.string() }),
    listLocations: async () => [{ location: 'P', name: 'Warehouse', active: true }],
    listListings: async (_client, _config, cursor): Promise<Page<RemoteListing>> => {
      const start = Number(cursor ?? 0);
      const count = Math.min(PAGE, listings - start);
      const items = Array.from({ length: count }, (_, index) => {
        const sku = `SKU-${start + index}`;
        return { listing: `L-${sku}`, stockKey: `S-${sku}`, sku, title: `A thing called ${sku}`, tracked: true };
      });
      return { items, next: start + count < listings ? String(start + count) : null };
    },
  } as AnyPlatform;
}

async function measure(listings: number, storeName: string): Promise<Measured> {
  const store = benchStores().find((one) => one.name === storeName)!;
  const db = await store.open();
  const rssMib = () => {
    globalThis.gc?.();
    return Math.round(process.memoryUsage().rss / MIB);
  };
  const engine = new Engine({
    db,
    platforms: [madeUp(listings)],
    box: {
      seal: (value) => Buffer.from(JSON.stringify(value)),
      open: (sealed) => JSON.parse(Buffer.from(sealed).toString()),
    },
    clock: realClock,
    random: Math.random,
    transport: () => Promise.reject(new Error('nothing is called here')),
    log: { info() {}, warn() {}, error() {} },
    publicUrl: null,
    secretToken: () => 'hook',
  });
  const at = new Date().toISOString();
  const began = performance.now();
  for (let start = 0; start < listings; start += ITEMS_AT_ONCE)
    await openStock(
      engine.context,
      Array.from({ length: Math.min(ITEMS_AT_ONCE, listings - start) }, (_, index) => ({
        sku: `SKU-${start + index}`,
        title: '',
        location: 'Warehouse',
        units: 10,
      })),
      'bench',
    );
  const config = Buffer.from('{"account":"shop"}');
  const row = await saveAccount(db, { platform: 'made-up', key: 'shop', config, hookKey: 'hook', at });
  await insertChannel(db, { name: 'shop', accountId: row.id, role: 'sells', source: null, settings: {}, at });
  await engine.registry.reload();
  const beforeMib = rssMib();
  const imported = await refreshListings(engine.context, engine.registry.byId(row.id)!, {
    mapBySku: true,
    progress: ({ pages }) => {
      if (pages % 100 === 0) console.error(`  ${pages} pages, ${rssMib()} MiB`);
    },
  });
  await realClock.sleep(1_000);
  const measured: Measured = {
    store: storeName,
    listings: imported.listings,
    mapped: imported.mapped,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    beforeMib,
    rssMib: rssMib(),
    peakMib: Math.round(process.resourceUsage().maxRSS / 1024),
    heapMib: Math.round(process.memoryUsage().heapUsed / MIB),
  };
  await db.close();
  await store.remove();
  return measured;
}

async function compare(): Promise<void> {
  const self = fileURLToPath(import.meta.url);
  const results: (Measured & { toFirst: number; peakToFirst: number })[] = [];
  const stores = ['embedded', ...(process.env['ONHAND_TEST_DATABASE_URL'] ? ['server'] : [])];
  for (const store of stores) {
    let first: Measured | undefined;
    for (const size of options.sizes.split(',')) {
      const words = ['--expose-gc', '--import', 'tsx', self, '--one', size, '--store', store];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, words, { maxBuffer: 16 * MIB });
      process.stderr.write(stderr);
      const measured = JSON.parse(stdout) as Measured;
      first ??= measured;
      const result = {
        ...measured,
        toFirst: ratio(measured.rssMib, first.rssMib),
        peakToFirst: ratio(measured.peakMib, first.peakMib),
      };
      results.push(result);
      console.error(
        `${store}, ${size} listings: ${result.rssMib} MiB (${result.toFirst} × the first), peak ${result.peakMib} MiB (${result.peakToFirst} ×), ${result.seconds} s`,
      );
    }
  }
  console.log(JSON.stringify({ bench: 'memory', ...machine(), results }));
}

if (options.one) console.log(JSON.stringify(await measure(Number(options.one), options.store!)));
else await compare();
