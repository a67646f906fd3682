import { describe, expect, it } from 'vitest';
import { pollOrders } from './feed.ts';
import { NOW, scripted, settings, squareErrors } from './testing/scripted.ts';

const at = (second: number, ms = 0) => new Date(NOW + second * 1_000 + ms).toISOString();
const SINCE = at(-3_600);

const order = (id: string, updated_at: string, more: Record<string, unknown> = {}) => ({
  id,
  location_id: 'L1',
  state: 'COMPLETED',
  created_at: updated_at,
  updated_at,
  line_items: [{ uid: 'u', catalog_object_id: 'V', quantity: '1' }],
  ...more,
});

const places = (count: number) => ({
  locations: Array.from({ length: count }, (_, index) => ({ id: `L${String(index).padStart(3, '0')}` })),
});

/** Polls to the end; at most 50 pages. */
async function walk(client: Parameters<typeof pollOrders>[0], start: string | null = null) {
  const told: string[] = [];
  let cursor = start;
  for (let pages = 1; pages <= 50; pages += 1) {
    const page = await pollOrders(client, settings(), cursor, SINCE);
    told.push(
      ...page.signals.map((one) => (one.kind === 'document' ? one.doc.doc : `fetch ${(one as { doc: string }).doc}`)),
    );
    cursor = page.cursor;
    if (!page.more) return { told, cursor, pages, completeTo: page.completeTo };
  }
  throw new Error('never ends');
}

describe('the feed of orders', () => {
  it('goes through all locations, ten at a time, and promises nothing before the last', async () => {
    const { client, asked } = scripted(({ op }) => (op === 'locations' ? places(23) : {}));
    const { pages, completeTo, cursor } = await walk(client);
    const searches = asked.filter(({ op }) => op === 'orderFeed');
    expect(searches.map(({ body }) => body.location_ids.length)).toEqual([10, 10, 3]);
    expect(new Set(searches.flatMap(({ body }) => body.location_ids)).size).toBe(23);
    expect(searches.every(({ body }) => body.query.filter.date_time_filter.updated_at.start_at === SINCE)).toBe(true);
    expect([pages, completeTo]).toEqual([3, at(0)]);
    expect(JSON.parse(cursor!)).toEqual({ from: at(-180), walk: null });
  });

  it('asks for the next page by time, not by Square’s cursor, so that a change under the walk skips nothing', async () => {
    const pages = [
      [order('a', at(-100)), order('b', at(-90))],
      [order('b', at(-90)), order('c', at(-80))],
    ];
    const { client, asked } = scripted(({ op }) =>
      op === 'locations'
        ? places(1)
        : { orders: pages.shift() ?? [], ...(pages.length > 0 && { cursor: 'square-cursor' }) },
    );
    const { told } = await walk(client);
    expect(told).toEqual(['order:a', 'order:b', 'order:b', 'order:c']);
    const [, first, second] = asked;
    expect(first!.body).not.toHaveProperty('cursor');
    expect(second!.body).not.toHaveProperty('cursor');
    expect(second!.body.query.filter.date_time_filter.updated_at.start_at).toBe(at(-90));
  });

  it('a moment with more orders than a page is left by Square’s cursor; a refused cursor starts the moment again', async () => {
    let refused = 0;
    const { client, asked } = scripted(({ op, body }) => {
      if (op === 'locations') return places(1);
      if (body.cursor === 'two' && refused++ === 0) return squareErrors(400, { code: 'INVALID_CURSOR' });
      if (body.cursor === 'two') return { orders: [order('c', SINCE)] };
      return { orders: [order('a', SINCE), order('b', SINCE)], cursor: 'two' };
    });
    const { told } = await walk(client);
    expect(told).toEqual(['order:a', 'order:b', 'order:a', 'order:b', 'order:c']);
    expect(asked.filter(({ op }) => op === 'orderFeed').map(({ body }) => body.cursor)).toEqual([
      undefined,
      'two',
      undefined,
      'two',
    ]);
  });

  it('an old return is fetched, so is what cannot be read; neither holds up the others', async () => {
    const orders = [
      order('sale', at(-9)),
      order('old return', at(-8), {
        created_at: at(-900),
        returns: [{ return_line_items: [{ catalog_object_id: 'V', quantity: '1' }] }],
      }),
      order('absurd', at(-7), { line_items: [{ uid: 'u', catalog_object_id: 'V', quantity: 'lots' }] }),
      { id: 'shapeless', updated_at: at(-6) },
      { no: 'id' },
      null,
      order('custom refund', at(-5), {
        line_items: null,
        returns: [{ return_line_items: [{ item_type: 'CUSTOM_AMOUNT', quantity: '1' }] }],
      }),
    ];
    const { client } = scripted(({ op }) => (op === 'locations' ? places(1) : { orders }));
    expect((await walk(client)).told).toEqual([
      'order:sale',
      'fetch order:old return',
      'fetch order:absurd',
      'fetch order:shapeless',
      'order:custom refund',
    ]);
  });

  it('young returns of a page are told with what went back, by one question; their history may be unreadable', async () => {
    const back = (id: string, variation: string) =>
      order(id, at(-8), {
        line_items: null,
        returns: [{ return_line_items: [{ catalog_object_id: variation, quantity: '2' }] }],
      });
    const row = (variation: string, quantity: string) => ({
      type: 'ADJUSTMENT',
      adjustment: {
        from_state: 'RETURNED_BY_CUSTOMER',
        to_state: 'IN_STOCK',
        location_id: 'L1',
        catalog_object_id: variation,
        occurred_at: at(-6),
        quantity,
      },
    });
    const { client, asked } = scripted(({ op }) => {
      if (op === 'locations') return places(1);
      if (op === 'changes') return { changes: [row('A', '1'), row('B', 'lots')] };
      return { orders: [back('a', 'A'), back('b', 'B'), back('c', 'C')] };
    });
    const { signals } = await pollOrders(client, settings(), null, SINCE);
    expect(
      signals.map((one) =>
        one.kind === 'document' ? one.doc.lines.map(({ parts }) => [parts[0]!.out, parts[0]!.returned]) : one,
      ),
    ).toEqual([
      [[-1, 1]],
      { kind: 'document-changed', account: settings().account, doc: 'order:b', rev: at(-8) },
      [[0, 2]],
    ]);
    const looks = asked.filter(({ op }) => op === 'changes');
    expect(looks.map(({ body }) => [body.catalog_object_ids, body.location_ids])).toEqual([[['A', 'B', 'C'], ['L1']]]);
  });

  it('goes on from its stored place after a failure in the middle', async () => {
    let broken = true;
    const { client } = scripted(({ op, body }) => {
      if (op === 'locations') return places(11);
      if (body.location_ids.length === 1 && broken) return squareErrors(500, { code: 'INTERNAL_SERVER_ERROR' });
      return { orders: [order(`at ${body.location_ids[0]}`, at(-5))] };
    });
    const first = await pollOrders(client, settings(), null, SINCE);
    await expect(pollOrders(client, settings(), first.cursor, SINCE)).rejects.toMatchObject({ failure: 'transient' });
    broken = false;
    expect((await walk(client, first.cursor)).told).toEqual(['order:at L010']);
  });

  it('an account without locations has nothing to tell, and says so', async () => {
    const { client } = scripted(() => ({}));
    expect(await walk(client)).toMatchObject({ told: [], pages: 1, completeTo: at(0) });
  });
});
