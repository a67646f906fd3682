import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedPath } from '../platform/testing/outside.ts';
import { virtualClock } from '../platform/testing/virtual-clock.ts';
import { seededRandom } from '../runtime/random.ts';
import { seedFor } from './catalogue.ts';
import { plainSandbox } from './plain-sandbox.ts';
import { noTraceCounts, readTrace, type TraceEvent } from './trace.ts';
import { TraceReplay, traceCatalogue } from './trace-replay.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onhand-trace-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(path: string) {
  const counts = noTraceCounts();
  const events: TraceEvent[] = [];
  for await (const event of readTrace(path, counts)) events.push(event);
  return { events, counts };
}

const HEADER = 'invoice,sku,qty,timestamp,price,country';
let files = 0;
async function file(rows: string[], options: { header?: string; gz?: boolean } = {}): Promise<string> {
  const path = join(folder, `history-${files++}.csv${options.gz ? '.gz' : ''}`);
  const text = `${[options.header ?? HEADER, ...rows].join('\n')}\n`;
  await writeFile(path, options.gz ? gzipSync(text) : text);
  return path;
}
const at = (minute: number) => `2026-01-05T10:${String(minute).padStart(2, '0')}:00`;

describe('readTrace', () => {
  it('groups rows into sales by invoice, in order of time, whatever the order of rows', async () => {
    const { events, counts } = await read(
      await file([
        `2,mug,1,${at(5)},2.00,Eire`,
        `1,mug,2,${at(1)},2.00,Eire`,
        `1,cup,1,${at(2)},3.50,Eire`,
        `1,mug,3,${at(1)},1.80,Eire`,
      ]),
    );
    expect(events).toEqual([
      {
        kind: 'sale',
        invoice: '1',
        atMs: Date.parse(`${at(1)}Z`),
        country: 'Eire',
        lines: [
          { sku: 'mug', quantity: 5 },
          { sku: 'cup', quantity: 1 },
        ],
      },
      {
        kind: 'sale',
        invoice: '2',
        atMs: Date.parse(`${at(5)}Z`),
        country: 'Eire',
        lines: [{ sku: 'mug', quantity: 1 }],
      },
    ]);
    expect(counts).toMatchObject({ rows: 4, invoices: 2, sales: 2, unitsSold: 7 });
  });

  it('matches a return to the newest earlier sale of the same country, over several sales if it must', async () => {
    const { events, counts } = await read(
      await file([
        `1,mug,2,${at(1)},2,Eire`,
        `2,mug,3,${at(2)},2,France`,
        `3,mug,4,${at(3)},2,Eire`,
        `C4,mug,-5,${at(4)},2,Eire`,
        `C5,mug,-6,${at(5)},2,Eire`,
        `6,mug,1,${at(6)},2,Eire`,
      ]),
    );
    const returns = events.filter((event) => event.kind === 'return').map((event) => event.lines);
    expect(returns).toEqual([
      [
        { sku: 'mug', quantity: 4, of: '3' },
        { sku: 'mug', quantity: 1, of: '1' },
      ],
      [
        { sku: 'mug', quantity: 1, of: '1' },
        { sku: 'mug', quantity: 3, of: '2' },
        { sku: 'mug', quantity: 2, of: null },
      ],
    ]);
    expect(counts).toMatchObject({ returns: 2, unitsReturned: 11, unitsUnmatched: 2 });
  });

  it('leaves out what is not goods, bookkeeping, and books rows without a price as corrections', async () => {
    const { events, counts } = await read(
      await file([
        `1,POST,1,${at(1)},18,France`,
        `1,mug,2,${at(1)},2,France`,
        `1,gift_0001_20,1,${at(1)},16,France`,
        `A9,B,1,${at(2)},11062.06,France`,
        `2,mug,-10,${at(3)},0,France`,
        `3,cup,5,${at(4)},-1,France`,
        `4,"BANK CHARGES",1,${at(5)},15,France`,
        `5,DCGSSBOY,1,${at(6)},3,France`,
      ]),
    );
    expect(events.map(({ kind, invoice, lines }) => [kind, invoice, lines])).toEqual([
      ['sale', '1', [{ sku: 'mug', quantity: 2 }]],
      ['correction', '2', [{ sku: 'mug', quantity: -10 }]],
      ['correction', '3', [{ sku: 'cup', quantity: 5 }]],
      ['sale', '5', [{ sku: 'DCGSSBOY', quantity: 1 }]],
    ]);
    expect(counts).toMatchObject({ rows: 8, invoices: 6, rowsNotGoods: 3, rowsAdjustment: 1, corrections: 2 });
  });

  it('reads gzip, a byte order mark and quoted commas', async () => {
    const { events } = await read(
      await file([`1,"a,""b",1,${at(1)}+02:00,2,"Korea, South"`], { gz: true, header: `\uFEFF${HEADER}` }),
    );
    expect(events[0]).toMatchObject({
      country: 'Korea, South',
      atMs: Date.parse('2026-01-05T08:01:00Z'),
      lines: [{ sku: 'a,"b', quantity: 1 }],
    });
  });

  it.each([
    ['a wrong header', [], 'order,sku', /first line must be invoice,sku/],
    ['no quantity', [`1,mug,two,${at(1)},2,x`], undefined, /row 2: "two" is not a quantity/],
    ['no time', [`1,mug,2,yesterday,2,x`], undefined, /"yesterday" is not a time/],
    ['no price', [`1,mug,2,${at(1)},,x`], undefined, /"" is not a price/],
    ['no sku', [`1,,2,${at(1)},2,x`], undefined, /must not be empty/],
    ['a short row', [`1,mug,2`], undefined, /./],
  ])('says which row is wrong: %s', async (_, rows, header, message) => {
    await expect(read(await file(rows, { header }))).rejects.toThrow(message);
  });

  const history = sharedPath('data/online-retail.csv.gz');
  it.skipIf(!history)('reads a year of a real wholesaler (needs the reference data beside the checkout)', async () => {
    const { events, counts } = await read(history!);
    // Counted apart with another CSV reader; rows and invoices are the publisher's own figures.
    expect(counts).toMatchObject({
      rows: 541_909,
      invoices: 25_900,
      rowsAdjustment: 3,
      rowsNotGoods: 2_947,
      sales: 19_773,
      unitsSold: 5_577_100,
      returns: 3_422,
      unitsReturned: 272_030,
      corrections: 2_139,
    });
    const units = (kind: TraceEvent['kind']) =>
      events
        .filter((event) => event.kind === kind)
        .reduce((sum, event) => sum + event.lines.reduce((all, line) => all + line.quantity, 0), 0);
    expect([units('sale'), units('return'), units('correction')]).toEqual([5_577_100, 272_030, -138_933]);
    expect(counts.unitsUnmatched).toBeLessThan(272_030 * 0.05);
    for (let index = 1; index < events.length; index++)
      expect(events[index]!.atMs >= events[index - 1]!.atMs).toBe(true);
    // 80,995 paper birds, ordered and cancelled 12 minutes later.
    const birds = events.find((event) => event.invoice === 'C581484');
    expect(birds?.lines).toEqual([{ sku: '23843', quantity: 80_995, of: '581483' }]);
  });
});

describe('TraceReplay', () => {
  async function replay(
    rows: string[],
    options: { cover?: number; shops?: number; pace?: { perSecond: number } | { speed: number } } = {},
  ) {
    const clock = virtualClock();
    const { events } = await read(await file(rows));
    const items = traceCatalogue(events, { locations: ['W1', 'W2'], cover: options.cover });
    const fronts = Array.from({ length: options.shops ?? 1 }, (_, index) => {
      const sandbox = plainSandbox({
        clock,
        random: seededRandom(index),
        name: `shop-${index}`,
        pool: true,
        locations: [{ id: '1', name: 'all' }],
        factor: 1,
        deliver: async () => ({ status: 200, headers: {}, body: new Uint8Array() }),
      });
      sandbox.seed(seedFor(items, { kind: 'pool', id: '1', of: ['W1', 'W2'] }));
      return { name: `shop-${index}`, sandbox, tills: [] };
    });
    const corrections: unknown[] = [];
    const startMs = clock.now();
    const replayed = new TraceReplay({
      events,
      fronts,
      clock,
      random: seededRandom(4),
      pace: options.pace ?? { perSecond: 10 },
      onCorrection: (lines) => corrections.push(lines),
    });
    await clock.run(replayed.run());
    const tookMs = clock.now() - startMs;
    await clock.runUntilIdle();
    expect(replayed.quiet()).toBe(true);
    const book = fronts.map(({ sandbox }) =>
      Object.fromEntries(sandbox.book().map((row) => [row.sku, [row.committed, row.out]])),
    );
    return { counts: replayed.counts, book, items, corrections, tookMs };
  }

  it('sells, ships, takes back onto the shelf, and leaves corrections to the caller', async () => {
    const { counts, book, items, corrections } = await replay(
      [
        `1,mug,4,${at(1)},2,x`,
        `1,cup,1,${at(1)},2,x`,
        `2,mug,1,${at(2)},2,x`,
        `3,mug,-9,${at(3)},0,x`,
        // 60 events keep the return ten seconds away from its sale: the parcel is gone by then.
        ...Array.from({ length: 60 }, (_, n) => `F${n},filler,1,${at(4)},1,x`),
        `C5,mug,-2,${at(50)},2,x`,
      ],
      { pace: { perSecond: 6 } },
    );
    expect(items.find((item) => item.sku === 'mug')?.stock).toEqual({ W1: 3, W2: 2 });
    expect(book[0]).toMatchObject({ mug: [0, 3], cup: [0, 1], filler: [0, 60] });
    expect(counts).toMatchObject({
      sales: 62,
      refused: 0,
      fulfilments: 62,
      unitsSold: 66,
      unitsReturned: 2,
      unitsNotReturned: 0,
      corrections: 1,
    });
    expect(corrections).toEqual([[{ sku: 'mug', quantity: -9 }]]);
  });

  it('an order taken back whole before it was sent is cancelled, a part of it is sent and returned', async () => {
    const { counts, book } = await replay(
      [`1,mug,4,${at(1)},2,x`, `C2,mug,-4,${at(1)},2,x`, `3,cup,4,${at(2)},2,x`, `C4,cup,-1,${at(2)},2,x`],
      { pace: { perSecond: 1_000 } },
    );
    expect(counts).toMatchObject({ cancellations: 1, unitsReturned: 5, fulfilments: 1 });
    expect(book[0]).toEqual({ mug: [0, 0], cup: [0, 3] });
  });

  it('counts the sales lost to too little stock, and returns of what was never sold', async () => {
    const { counts } = await replay(
      [`1,mug,6,${at(1)},2,x`, `2,mug,6,${at(2)},2,x`, `C3,mug,-6,${at(3)},2,x`, `C4,cup,-1,${at(4)},2,x`],
      { cover: 0.5 },
    );
    expect(counts).toMatchObject({
      sales: 2,
      refused: 1,
      unitsRefused: 6,
      unitsSold: 6,
      unitsReturned: 0,
      unitsNotReturned: 7,
    });
  });

  it('keeps the pace: evenly, or that of the history so many times faster', async () => {
    const rows = [`1,mug,1,${at(0)},2,x`, `2,mug,1,${at(10)},2,x`, `3,mug,1,${at(30)},2,x`];
    expect((await replay(rows, { pace: { speed: 60 } })).tookMs).toBe(30_000);
    expect((await replay(rows, { pace: { perSecond: 2 } })).tookMs).toBe(1_500);
  });

  it('shares the sales among the shops', async () => {
    const rows = Array.from({ length: 200 }, (_, n) => `${n},mug,1,${at(n % 60)},2,x`);
    const { book } = await replay(rows, { shops: 2, pace: { perSecond: 100 } });
    const [a, b] = book.map((rows) => rows['mug']![1]!);
    expect(a! + b!).toBe(200);
    expect(Math.min(a!, b!)).toBeGreaterThan(70);
  });
});
