import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery, Signal } from '../../platform/contract.ts';
import { odoo } from './index.ts';
import { HOOK, MAIN, openBench } from './testing/bench.ts';
import { decode, hookAddress, verify } from './webhook.ts';

const SECRET = 'a-long-random-text';
const { config } = openBench({}, { webhookSecret: SECRET });

const delivery = (body: string, path = `/hooks/odoo/1?token=${SECRET}`): Delivery => ({
  method: 'POST',
  path,
  headers: {},
  body: Buffer.from(body),
  receivedAt: '2026-11-24T00:00:00.000Z',
});
const order =
  '{"_action": "hub(#412)", "_id": 57, "_model": "sale.order", "id": 57, "name": "S00057", "state": "sale"}';
const why = (one: Delivery, settings = config) => {
  const verdict = verify(one, settings);
  return verdict.verdict === 'refused' ? verdict.why : verdict.verdict;
};

describe('Odoo signs nothing: the address is the secret', () => {
  it('right, changed by a letter, absent, empty, twice, and none configured', () => {
    expect(verify(delivery(order), config)).toEqual({ verdict: 'ok', topic: 'sale.order' });
    expect(why(delivery(order, `/hooks/odoo/1?token=${SECRET.replace('a', 'b')}`))).toBe('bad-signature');
    expect(why(delivery(order, `/hooks/odoo/1?token=${SECRET}${SECRET}`))).toBe('bad-signature');
    expect(why(delivery(order, '/hooks/odoo/1?token='))).toBe('bad-signature');
    expect(why(delivery(order, '/hooks/odoo/1'))).toBe('no-signature');
    for (const webhookSecret of [undefined, ''])
      expect(why(delivery(order), { ...config, webhookSecret })).toBe('no-secret');
  });

  it('a secret with signs that mean something in an address arrives as it was', () => {
    const secret = 'ä &=+%/#?';
    const { pathname, search } = new URL(hookAddress(HOOK, secret));
    expect(why(delivery(order, pathname + search), { ...config, webhookSecret: secret })).toBe('ok');
  });

  it('a body that names no model is refused', () => {
    for (const body of ['', 'null', '[]', '{}', '{"_model": 5}', '{"_model": "Sale Order!"}', '<x/>'])
      expect(why(delivery(body)), body).toBe('malformed');
  });
});

describe('what a body may say: which record to look at, and nothing else', () => {
  const signals = (topic: string, body: unknown, settings = config): Signal[] =>
    decode(delivery(JSON.stringify(body)), topic, settings);

  it('each model, with references as 17 and as 18 send them', () => {
    const { account } = config;
    const changed = (doc: string) => [{ kind: 'document-changed', account, doc }];
    expect(signals('sale.order', { _id: 57, state: 'sale' })).toEqual(changed('order:57'));
    expect(signals('sale.order.line', { _id: 130, order_id: 57 })).toEqual(changed('order:57'));
    expect(signals('sale.order.line', { _id: 130, order_id: [57, 'S00057'] })).toEqual(changed('order:57'));
    expect(signals('stock.picking', { _id: 9, sale_id: 57 })).toEqual(changed('order:57'));
    expect(signals('stock.picking', { _id: 9, sale_id: false })).toEqual([]);
    expect(signals('stock.picking', { _id: 9, sale_id: false, pos_order_id: 4 })).toEqual(changed('till:4'));
    expect(signals('pos.order', { _id: 4 })).toEqual(changed('till:4'));
    expect(signals('pos.order', { _id: 4 }, { ...config, pointOfSale: false })).toEqual([]);
    expect(signals('stock.quant', { _id: 3, product_id: 42 })).toEqual([
      { kind: 'dirty', account, stockKey: '42', location: null },
    ]);
    expect(signals('res.partner', { _id: 3 })).toEqual([]);
  });

  it('an id beyond 2^53 keeps its digits; a body without one is an error to be shown', () => {
    const [signal] = decode(delivery('{"_id": 9007199254740993}'), 'sale.order', config);
    expect(signal).toMatchObject({ doc: 'order:9007199254740993' });
    for (const [topic, body] of [
      ['sale.order', '{}'],
      ['sale.order.line', '{"_id": 1}'],
      ['stock.quant', '{"product_id": -1}'],
    ] as const)
      expect(() => decode(delivery(body), topic, config), topic).toThrow();
  });

  it('whatever comes, verify answers and decode gives signals or an Error', () => {
    const topics = fc.constantFrom('sale.order', 'sale.order.line', 'stock.picking', 'pos.order', 'stock.quant', '');
    const bodies = fc.oneof(fc.json(), fc.string(), fc.constantFrom('{"_id":[]}', '{"order_id":{}}', '{"_id":1e400}'));
    fc.assert(
      fc.property(topics, bodies, fc.string(), (topic, body, path) => {
        expect(['ok', 'refused']).toContain(verify(delivery(body, path), config).verdict);
        try {
          expect(Array.isArray(decode(delivery(body), topic, config))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('webhooks that a real Odoo 19.0 sent', () => {
  it('say which record to look at; a delivery that does not know its order yet says nothing', () => {
    const recorded = readFileSync(new URL('fixtures/hooks.ndjson', import.meta.url), 'utf8')
      .trim()
      .split('\n');
    const tills = { ...config, pointOfSale: true };
    const told = recorded.map((body) => {
      const one = delivery(body);
      const verdict = verify(one, tills);
      if (verdict.verdict !== 'ok') throw new Error(body);
      return decode(one, verdict.topic, tills).map((signal) =>
        signal.kind === 'document-changed' ? signal.doc : signal.kind === 'dirty' ? signal.stockKey : signal.kind,
      );
    });
    expect(told).toEqual([['order:6'], ['order:6'], [], ['order:6'], ['3'], [], ['till:2']]);
  });
});

describe('automation rules', () => {
  const subscribe = async (bench: ReturnType<typeof openBench>) => {
    const { config: handed, did } = await bench.run((client, now) => odoo.subscribe!(client, now, HOOK));
    bench.config = { ...bench.config, ...handed };
    return did;
  };
  const checks = (bench: ReturnType<typeof openBench>) =>
    bench.run((client, now) => odoo.checkSubscription!(client, now, HOOK));

  it('are made once, with a secret of their own, put right when they were archived, and removed', async () => {
    const bench = openBench();
    expect(await subscribe(bench)).toEqual([
      'made rules for sale.order, sale.order.line, stock.picking, stock.quant, pos.order',
    ]);
    expect(bench.config.webhookSecret).toMatch(/^[0-9a-f]{64}$/);
    expect(await subscribe(bench)).toEqual([]);
    const { staff } = bench.sandbox;
    expect(staff.rules().map(({ url }) => url)).toEqual(Array(5).fill(hookAddress(HOOK, bench.config.webhookSecret!)));
    expect(await checks(bench)).toMatchObject([{ ok: true, found: '5 rules are there and on.' }]);
    staff.archiveRules();
    expect(await checks(bench)).toMatchObject([{ ok: true, found: '5 rules were archived and are on again.' }]);
    expect(staff.rules().every(({ active }) => active)).toBe(true);
    bench.config = { ...bench.config, webhookSecret: 'another' };
    expect(await subscribe(bench)).toContain('removed 5 rules that called another address or were off');
    expect(staff.rules()).toHaveLength(5);
    expect(await bench.run((client, now) => odoo.unsubscribe!(client, now, HOOK))).toEqual({
      did: ['removed 5 rules'],
    });
    expect(staff.rules()).toEqual([]);
    expect(await checks(bench)).toMatchObject([{ ok: false, next: expect.any(String) }]);
  });

  it('another channel of the same Onhand keeps its own', async () => {
    const bench = openBench();
    await subscribe(bench);
    await bench.run((client, now) => odoo.subscribe!(client, now, `${HOOK}23`));
    await bench.run((client, now) => odoo.unsubscribe!(client, now, HOOK));
    expect(bench.sandbox.staff.rules().map(({ url }) => new URL(url).pathname)).toEqual(
      Array(5).fill('/hooks/odoo/123'),
    );
  });

  it('without tills there is no rule for them, and none is missed', async () => {
    const bench = openBench({}, { pointOfSale: false });
    await subscribe(bench);
    expect(bench.sandbox.staff.rules().map(({ model }) => model)).not.toContain('pos.order');
    expect(await checks(bench)).toMatchObject([{ ok: true }]);
  });

  it('bodies are Python’s, with sorted keys, and tell of a sale, a parcel and a count', async () => {
    const bench = openBench();
    await subscribe(bench);
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    await bench.advance(1_000);
    const bodies = bench.deliveries.map((one) => String(one.body));
    const body = bodies.find((one) => one.includes('"_model": "sale.order"'));
    expect(body).toMatch(
      /^\{"_action": "Onhand: sale.order\(#\d+\)", "_id": 700001, "_model": "sale.order", "id": 700001, "name": "S00001", "state": "sale", "write_date": "2026-11-24 00:00:\d\d\.\d{6}"\}$/,
    );
    if (bought.ok) bench.sandbox.shopper.fulfil(bought.order);
    bench.sandbox.shopper.edit('HAT', MAIN, 3);
    await bench.advance(1_000);
    const told = bench.deliveries.map((one) => {
      const verdict = verify(one, bench.config);
      return verdict.verdict === 'ok' ? decode(one, verdict.topic, bench.config)[0] : verdict;
    });
    expect(told).toEqual(
      expect.arrayContaining([
        { kind: 'document-changed', account: 'erp.example', doc: 'order:700001' },
        { kind: 'dirty', account: 'erp.example', stockKey: '42', location: null },
      ]),
    );
    expect(bench.deliveries.some(({ body }) => String(body).includes('stock.picking'))).toBe(true);
  });
});
