import { describe, expect, it } from 'vitest';
import { Bench, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { lightspeedX } from './index.ts';
import { type Marks, nextFrom, withMark } from './marks.ts';
import { pollSales } from './sales.ts';
import type { LightspeedXSandbox } from './sandbox.ts';
import { NOW, scripted, settings } from './testing/scripted.ts';

const sale = (version: number, updated_at: string) => ({
  id: `S${version}`,
  state: 'closed',
  source: { outlet_id: 'O1' },
  line_items: [{ id: `L${version}`, product: { id: 'P' }, quantity: 1 }],
  date: updated_at,
  updated_at,
  _metadata: { version },
});

describe('where the feed starts', () => {
  const hour = (back: number) => new Date(NOW - back * 3_600_000).toISOString().replace('.000Z', 'Z');
  /** One sale an hour for 900 hours, its versions a million apart. */
  const rows = Array.from({ length: 900 }, (_, index) => sale((index + 1) * 1_000_003, hour(900 - index)));
  const store = () =>
    scripted(({ request }) => {
      const { searchParams: query } = new URL(request.url);
      const data = rows
        .filter((row) => row._metadata.version > Number(query.get('after')))
        .slice(0, Number(query.get('page_size')));
      return {
        data,
        version: { min: data[0]?._metadata.version ?? null, max: data.at(-1)?._metadata.version ?? null },
      };
    });

  it('shortly before the moment, found by halving', async () => {
    const { client, asked } = store();
    const { signals, more } = await pollSales(client, settings(), null, hour(4.5));
    expect(signals.map((signal) => signal.kind === 'document' && signal.doc.doc)).toEqual(
      rows.slice(896).map(({ id }) => `sale:${id}`),
    );
    expect(more).toBe(true);
    expect(asked.length).toBeLessThan(60);
  });

  it('at nothing in a young store, and after everything when nothing changed since', async () => {
    const young = store();
    expect((await pollSales(young.client, settings(), null, hour(10_000))).signals).toHaveLength(100);
    expect(young.asked).toHaveLength(2);
    const late = await pollSales(store().client, settings(), null, hour(-1));
    expect(late).toMatchObject({ signals: [], more: false });
  });
});

describe('the feed', () => {
  it('a sale that cannot be read is asked for by itself, the others are told', async () => {
    const bad = {
      ...sale(2, '2026-11-24T10:00:00Z'),
      line_items: [{ id: 'L', product: { id: 'P' }, quantity: 'many' }],
    };
    const odd = { id: 'S3', state: 'teleported' };
    const { client } = scripted(() => ({
      data: [sale(1, '2026-11-24T10:00:00Z'), bad, odd, 5],
      version: { min: 1, max: 4 },
    }));
    const { signals } = await pollSales(client, settings(), null, '2026-01-01T00:00:00Z');
    expect(signals).toMatchObject([
      { kind: 'document' },
      { kind: 'document-changed', doc: 'sale:S2', rev: '2' },
      { kind: 'document-changed', doc: 'sale:S3' },
    ]);
  });

  it('tells again what it told in the last half minute, and no more than that', () => {
    let marks: Marks = [];
    for (let second = 0; second <= 600; second += 10)
      marks = withMark(marks, { atMs: second * 1_000, version: second });
    expect(nextFrom(marks, 600_000, 0)).toBe(570);
    expect(marks.length).toBeLessThan(8);
    expect(nextFrom([], 600_000, 5)).toBe(5);
    const slow = withMark(withMark([], { atMs: 0, version: 1 }), { atMs: 600_000, version: 2 });
    expect(nextFrom(slow, 600_000, 0)).toBe(1);
  });

  it('a sale numbered early and saved late is told by the next walk', async () => {
    const bench = await Bench.open(lightspeedX as never, { items: 2, hooks: false });
    await bench.poll();
    const { shopper } = bench.sandbox;
    const first = shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: PLACES[0]!.id });
    let hidden = true;
    bench.line = (op, carry) =>
      op === 'saleFeed' && hidden
        ? carry().then((answer) => {
            const told = JSON.parse(Buffer.from(answer.body).toString());
            told.data = told.data.filter(({ id }: { id: string }) => !first.ok || id !== first.order);
            return { ...answer, body: Buffer.from(JSON.stringify(told)) };
          })
        : undefined;
    shopper.buy({ lines: [{ sku: skuOf(1), quantity: 1 }], location: PLACES[0]!.id });
    await bench.poll();
    expect(bench.listener.docs.size).toBe(1);
    hidden = false;
    await bench.clock.advance(20_000);
    await bench.poll();
    expect(bench.listener.docs.size).toBe(2);
    bench.close();
  });

  it('layby, on account and void, against the book of the stand-in', async () => {
    const bench = await Bench.open(lightspeedX as never, { items: 3, hooks: false });
    const sandbox = bench.sandbox as LightspeedXSandbox;
    const [main] = PLACES;
    const layby = sandbox.staff.sellOpen('layby', skuOf(0), 2, main!.id);
    sandbox.staff.sellOpen('onaccount', skuOf(1), 1, main!.id);
    const sold = sandbox.shopper.buy({ lines: [{ sku: skuOf(2), quantity: 4 }], location: main!.id });
    const units = async () => {
      await bench.poll();
      return [...bench.listener.docs.values()].map(({ state, lines }) => {
        const { committed, out, taken } = lines[0]!.parts[0]!;
        return [state, committed, out, taken];
      });
    };
    expect(await units()).toEqual([
      ['LAYBY', 2, 0, 2],
      ['ONACCOUNT', 0, 1, 1],
      ['CLOSED', 0, 4, 4],
    ]);
    sandbox.shopper.fulfil(layby);
    if (sold.ok) expect(sandbox.staff.voidSale(sold.order)).toBe(true);
    expect(await units()).toEqual([
      ['LAYBY_CLOSED', 0, 2, 2],
      ['ONACCOUNT', 0, 1, 1],
      ['VOIDED', 0, 0, 0],
    ]);
    expect(
      sandbox
        .book()
        .filter(({ location }) => location === main!.id)
        .map(({ out }) => out),
    ).toEqual([2, 1, 0]);
    bench.close();
  });
});
