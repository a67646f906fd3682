import { describe, expect, it } from 'vitest';
import { bodyText, type HttpRequest } from '../../platform/http.ts';
import { woocommerce } from './index.ts';
import { type Bench, openBench } from './testing/bench.ts';

const call = async (bench: Bench, method: HttpRequest['method'], path: string, body?: unknown) => {
  const url = `https://mugs.example/wp-json/wc/v3${path}`;
  const request = { method, url, headers: {}, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await bench.sandbox.handle(woocommerce.authorize(request, bench.config, 0));
  return { status: response.status, body: JSON.parse(bodyText(response)) };
};
const order = async (bench: Bench, quantity = 3) => {
  const { body } = await call(bench, 'POST', '/orders', {
    set_paid: true,
    line_items: [{ product_id: 1010, quantity }],
  });
  return { id: String(body.id), line: body.line_items[0].id as number };
};
/** committed, out, returned, taken of each line, and what the shop's own book says of MUG: shown, committed, out. */
const state = async (bench: Bench, id: string) => {
  const doc = await bench.run((client, config) => woocommerce.fetchDocument(client, config, `order:${id}`));
  if (doc === 'gone') return 'gone';
  const asks = doc.lines.map(({ parts: [part] }) =>
    [part!.committed, part!.out, part!.returned, part!.taken].join(' '),
  );
  const of = <Row extends { sku: string }>(rows: Row[]) => rows.find(({ sku }) => sku === 'MUG');
  const booked = of(bench.sandbox.book());
  return [doc.state, asks, of(bench.sandbox.shown())!.available, booked?.committed ?? 0, booked?.out ?? 0];
};

describe('orders as the shop’s staff change them', () => {
  it('a line lowered, one added, one removed: state, stock and book go along, and no refund is told', async () => {
    const bench = openBench();
    const { id, line } = await order(bench);
    expect(await state(bench, id)).toEqual(['processing', ['3 0 0 3'], 7, 3, 0]);
    await call(bench, 'PUT', `/orders/${id}`, {
      line_items: [
        { id: line, quantity: 1 },
        { product_id: 1040, quantity: 2 },
      ],
    });
    expect(await state(bench, id)).toEqual(['processing', ['1 0 0 1', '2 0 0 2'], 9, 1, 0]);
    const { body } = await call(bench, 'PUT', `/orders/${id}`, { line_items: [{ id: line, quantity: 0 }] });
    expect(body.refunds).toEqual([]);
    expect(await state(bench, id)).toEqual(['processing', ['2 0 0 2'], 10, 0, 0]);
  });

  it('completed and then cancelled: WooCommerce puts everything back', async () => {
    const bench = openBench();
    const { id } = await order(bench);
    await call(bench, 'PUT', `/orders/${id}`, { status: 'completed' });
    expect(await state(bench, id)).toEqual(['completed', ['0 3 0 3'], 7, 0, 3]);
    await call(bench, 'PUT', `/orders/${id}`, { status: 'cancelled' });
    expect(await state(bench, id)).toEqual(['cancelled', ['0 0 0 0'], 10, 0, 0]);
  });

  it('refund of one with restock, then cancelled: each unit is back once (14, 15, 16 on the real server)', async () => {
    const bench = openBench();
    const { id, line } = await order(bench, 2);
    await call(bench, 'POST', `/orders/${id}/refunds`, { line_items: [{ id: line, quantity: 1 }] });
    expect(await state(bench, id)).toEqual(['processing', ['1 0 0 1'], 9, 1, 0]);
    await call(bench, 'PUT', `/orders/${id}`, { status: 'cancelled' });
    expect(await state(bench, id)).toEqual(['cancelled', ['0 0 0 0'], 10, 0, 0]);
  });

  it('set to refunded by hand: a refund without lines, nothing goes back on the shelf', async () => {
    const bench = openBench();
    const { id } = await order(bench);
    await call(bench, 'PUT', `/orders/${id}`, { status: 'completed' });
    await call(bench, 'PUT', `/orders/${id}`, { status: 'refunded' });
    expect((await call(bench, 'GET', `/orders/${id}/refunds`)).body).toMatchObject([{ line_items: [] }]);
    expect(await state(bench, id)).toEqual(['refunded', ['0 3 0 3'], 7, 0, 3]);
  });

  it('what the stand-in cannot do it refuses, and changes nothing', async () => {
    const bench = openBench();
    const { id, line } = await order(bench);
    const before = await state(bench, id);
    for (const body of [{ status: 'pending' }, { line_items: [{ id: line, quantity: 9 }] }])
      expect((await call(bench, 'PUT', `/orders/${id}`, body)).status).toBe(501);
    expect((await call(bench, 'PUT', `/orders/${id}`, { status: 'lost' })).body.code).toBe('rest_invalid_param');
    expect(await state(bench, id)).toEqual(before);
    await call(bench, 'PUT', `/orders/${id}`, { status: 'cancelled' });
    expect((await call(bench, 'PUT', `/orders/${id}`, { status: 'processing' })).status).toBe(501);
  });
});
