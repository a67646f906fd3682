import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Doc } from '../../domain/document.ts';
import type { Delivery, Signal } from '../../platform/contract.ts';
import { hmac } from '../../platform/signature.ts';
import type { ShopifyConfig } from './config.ts';
import { accountOf, decode, verify } from './webhook.ts';

const config: ShopifyConfig = { account: 'mugs.myshopify.com', webhookSecret: 'shpss_secret', accessToken: 'shpat_x' };

const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8');

function signed(topic: string, body: string | Uint8Array, headers: Record<string, string> = {}): Delivery {
  const bytes = Buffer.from(body as string);
  return {
    method: 'POST',
    path: '/hooks/mugs',
    headers: {
      'x-shopify-topic': topic,
      'x-shopify-shop-domain': 'mugs.myshopify.com',
      'x-shopify-event-id': 'event-1',
      'x-shopify-webhook-id': 'webhook-1',
      'x-shopify-hmac-sha256': hmac('sha256', 'shpss_secret', [bytes], 'base64'),
      ...headers,
    },
    body: bytes,
    receivedAt: '2026-11-02T15:15:03.000Z',
  };
}

const told = (topic: string, body: unknown): Signal[] =>
  decode(signed(topic, typeof body === 'string' ? body : JSON.stringify(body)), topic, config);

describe('is a delivery authentic?', () => {
  const good = signed('orders/create', fixture('orders-create'));

  it('yes, on the raw bytes; the event id is a hint', () => {
    expect(verify(good, config)).toEqual({ verdict: 'ok', topic: 'orders/create', deliveryId: 'event-1' });
    // Bytes that are not text in any encoding are signed like all others.
    const odd = signed('orders/delete', Uint8Array.from([0xff, 0xfe, 0x00, 0x80]));
    expect(verify(odd, config)).toMatchObject({ verdict: 'ok' });
    expect(verify({ ...good, headers: { ...good.headers, 'x-shopify-topic': 'ORDERS/Create' } }, config)).toMatchObject(
      {
        topic: 'orders/create',
      },
    );
  });

  it('no: one flipped bit anywhere, no signature, another secret, a signature cut or in hex', () => {
    for (const at of [0, 100, good.body.length - 1]) {
      const body = Uint8Array.from(good.body);
      body[at] = body[at]! ^ 1;
      expect(verify({ ...good, body }, config)).toMatchObject({ verdict: 'refused', why: 'bad-signature' });
    }
    const signature = good.headers['x-shopify-hmac-sha256']!;
    const withSignature = (value: string) =>
      verify({ ...good, headers: { ...good.headers, 'x-shopify-hmac-sha256': value } }, config);
    expect(withSignature('')).toMatchObject({ why: 'no-signature' });
    expect(withSignature(signature.slice(0, -2))).toMatchObject({ why: 'bad-signature' });
    expect(withSignature(signature.toLowerCase())).toMatchObject({ why: 'bad-signature' });
    expect(withSignature(Buffer.from(signature, 'base64').toString('hex'))).toMatchObject({ why: 'bad-signature' });
    const { 'x-shopify-hmac-sha256': _, ...unsigned } = good.headers;
    expect(verify({ ...good, headers: unsigned }, config)).toMatchObject({ why: 'no-signature' });
    expect(verify(good, { ...config, webhookSecret: 'other' })).toMatchObject({ why: 'bad-signature' });
  });

  it('no secret configured refuses everything', () => {
    expect(verify(good, { ...config, webhookSecret: undefined })).toMatchObject({ why: 'no-secret' });
    expect(verify(good, { ...config, webhookSecret: '' })).toMatchObject({ why: 'no-secret' });
  });

  it("another shop's webhook is authentic too, one app's secret signs for all its shops; it says whose it is", () => {
    const other = { ...good, headers: { ...good.headers, 'x-shopify-shop-domain': 'Hats.myshopify.com' } };
    expect(verify(other, config)).toMatchObject({ verdict: 'ok' });
    expect(accountOf(other)).toBe('hats.myshopify.com');
    expect(decode(other, 'orders/create', config)).toMatchObject([{ doc: { account: 'hats.myshopify.com' } }]);
    for (const shop of ['', 'hats.example.com', 'hats.myshopify.com.evil.test']) {
      const odd = { ...good, headers: { ...good.headers, 'x-shopify-shop-domain': shop } };
      expect(accountOf(odd)).toBeUndefined();
      expect(decode(odd, 'orders/create', config)).toMatchObject([{ doc: { account: 'mugs.myshopify.com' } }]);
    }
  });

  it('without a topic nobody knows what it is', () => {
    const { 'x-shopify-topic': _, ...topicless } = good.headers;
    expect(verify({ ...good, headers: topicless }, config)).toMatchObject({ why: 'malformed' });
    expect(verify({ ...good, headers: { ...topicless, 'x-shopify-topic': 'a b' } }, config)).toMatchObject({
      why: 'malformed',
    });
  });

  it('an old delivery is as good as a new one: Shopify signs no time', () => {
    expect(
      verify({ ...good, headers: { ...good.headers, 'x-shopify-triggered-at': '2001-01-01T00:00:00Z' } }, config),
    ).toMatchObject({ verdict: 'ok' });
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.uint8Array(), (headers, body) => {
        const delivery = { method: 'POST', path: '/', headers, body, receivedAt: '' };
        expect(verify(delivery, config).verdict).toBe('refused');
      }),
    );
  });
});

const LINE = {
  id: 15100000000001,
  variant_id: 45000000000001,
  sku: 'MUG-RED',
  quantity: 3,
  current_quantity: 3,
  fulfillable_quantity: 3,
  variant_inventory_management: 'shopify',
};
const ORDER = {
  id: 6100000000001,
  created_at: '2026-11-02T10:15:00-05:00',
  updated_at: '2026-11-02T10:15:02-05:00',
  processed_at: '2026-11-02T10:14:58-05:00',
  cancelled_at: null,
  confirmed: true,
  financial_status: 'paid',
  fulfillment_status: null,
  source_name: 'web',
  source_identifier: null,
  location_id: null,
  line_items: [LINE],
  fulfillments: [],
  refunds: [],
  returns: [],
};

const docFrom = (more: object): Doc => {
  const [signal, ...rest] = told('orders/updated', { ...ORDER, ...more });
  expect(rest).toEqual([]);
  if (signal?.kind !== 'document') throw new Error(`${signal?.kind}`);
  return signal.doc;
};

describe('what an order webhook says', () => {
  it('a new web order is promised, its place not told, its time that of the sale', () => {
    expect(docFrom({})).toEqual({
      account: 'mugs.myshopify.com',
      doc: 'order:6100000000001',
      rev: '2026-11-02T10:15:02-05:00',
      whole: true,
      source: 'web',
      saleAt: '2026-11-02T10:14:58-05:00',
      paid: true,
      state: 'UNFULFILLED',
      lines: [
        {
          line: '15100000000001',
          listing: '45000000000001',
          sku: 'MUG-RED',
          parts: [{ location: null, committed: 3, out: 0, returned: 0, taken: 3 }],
        },
      ],
    });
  });

  it('all order topics carry the same state', () => {
    const topics = ['create', 'updated', 'paid', 'cancelled', 'fulfilled', 'partially_fulfilled'];
    for (const topic of topics) expect(told(`orders/${topic}`, ORDER)).toEqual(told('orders/create', ORDER));
  });

  it('shipped, refunded and cancelled units stand where they went', () => {
    const fulfillments = [
      { status: 'success', location_id: 1, line_items: [{ id: LINE.id, quantity: 1 }] },
      { status: 'cancelled', location_id: 1, line_items: [{ id: LINE.id, quantity: 2 }] },
    ];
    const back = { line_item_id: LINE.id, quantity: 1, restock_type: 'return', location_id: 2 };
    const free = { line_item_id: LINE.id, quantity: 1, restock_type: 'cancel', location_id: 1 };
    const refunds = [{ return: null, refund_line_items: [back] }, { refund_line_items: [free] }];
    const line_items = [{ ...LINE, current_quantity: 1, fulfillable_quantity: 1 }];
    expect(docFrom({ fulfillments, refunds, line_items }).lines[0]!.parts).toEqual([
      { location: '1', committed: 0, out: 1, returned: 0, taken: 1 },
      { location: '2', committed: 0, out: -1, returned: 0, taken: -1 },
      { location: null, committed: 1, out: 0, returned: 0, taken: 1 },
    ]);
    const cancelled = docFrom({ cancelled_at: '2026-11-02T11:00:00-05:00', refunds, line_items });
    expect(cancelled.state).toBe('CANCELLED');
    expect(cancelled.lines[0]!.parts.every((part) => part.committed === 0)).toBe(true);
  });

  it('a till sale says its place and that it was one; what is still to be sent has no place yet', () => {
    const sold = docFrom({
      source_name: 'pos',
      location_id: 68000000002,
      source_identifier: '7001-3-1042',
      fulfillment_status: 'fulfilled',
      fulfillments: [{ status: 'success', location_id: null, line_items: [{ id: LINE.id, quantity: 2 }] }],
    });
    expect(sold.source).toBe('pos');
    expect(sold.origin).toBeUndefined();
    expect(sold.lines[0]!.parts.map((part) => [part.location, part.committed, part.out])).toEqual([
      ['68000000002', 0, 2],
      [null, 1, 0],
    ]);
    expect(docFrom({ source_name: 'third-party-till', location_id: 68000000002 }).source).toBe('pos');
  });

  it('what an app copied from elsewhere names its original', () => {
    expect(docFrom({ source_name: 'Amazon', source_identifier: ' 111-98567-54 ' }).origin).toEqual({
      source: 'amazon',
      id: '111-98567-54',
    });
    expect(docFrom({ source_name: '580111', source_identifier: '' }).origin).toBeUndefined();
    expect(docFrom({ source_name: 'shopify_draft_order', source_identifier: 'D1' }).origin).toBeUndefined();
  });

  it('money: pending and authorized are not paid, refunded was; an unknown word is', () => {
    const paid = (financial_status: unknown) => docFrom({ financial_status }).paid;
    expect(['pending', 'authorized', 'partially_paid', 'voided', 'expired'].map(paid)).toEqual(Array(5).fill(false));
    expect(['paid', 'refunded', 'partially_refunded', 'new-word', null].map(paid)).toEqual(Array(5).fill(true));
  });

  it('what Shopify has not taken off its own number: untracked variants, unconfirmed orders', () => {
    const part = (more: object) => docFrom(more).lines[0]!.parts[0]!;
    expect(part({ line_items: [{ ...LINE, variant_inventory_management: null }] })).toMatchObject({
      committed: 3,
      taken: 0,
    });
    expect(part({ confirmed: false })).toMatchObject({ committed: 3, taken: 0 });
  });

  it('a custom sale has no listing; words written as numbers are words; zero units ask for nothing', () => {
    const line_items = [
      { ...LINE, variant_id: null, sku: 4711, quantity: 0, current_quantity: 0, fulfillable_quantity: 0 },
    ];
    expect(docFrom({ line_items }).lines).toEqual([{ line: '15100000000001', listing: null, sku: '4711', parts: [] }]);
  });

  it('too little for a state: returns, and subscriptions that leave something out, are fetched', () => {
    const changed = [{ kind: 'document-changed', account: 'mugs.myshopify.com', doc: 'order:6100000000001' }];
    expect(told('orders/updated', { ...ORDER, returns: [{ id: 1 }] })).toEqual(changed);
    expect(told('orders/updated', { ...ORDER, refunds: [{ return: { id: 1 }, refund_line_items: [] }] })).toEqual(
      changed,
    );
    expect(told('orders/updated', { ...ORDER, refunds: undefined })).toEqual(changed);
    expect(told('orders/updated', { ...ORDER, fulfillments: undefined })).toEqual(changed);
  });
});

describe("Shopify's own samples", () => {
  it('ids beyond 2^53 keep every digit, in all topics', () => {
    const id = '820982911946154508';
    const account = config.account;
    const [signal] = told('orders/create', fixture('orders-create'));
    expect(signal).toMatchObject({ kind: 'document', doc: { doc: `order:${id}`, state: 'CANCELLED', paid: false } });
    expect(signal?.kind === 'document' && signal.doc.lines.map(({ line }) => line).slice(0, 2)).toEqual([
      '487817672276298554',
      '789012345678901234',
    ]);
    // The sample is of an order that reserved nothing and is cancelled: it asks for nothing.
    expect(signal?.kind === 'document' && signal.doc.lines.flatMap(({ parts }) => parts)).toEqual([]);
    const changed = [{ kind: 'document-changed', account, doc: `order:${id}` }];
    expect(told('refunds/create', fixture('refunds-create'))).toEqual(changed);
    expect(told('orders/delete', fixture('orders-delete'))).toEqual([
      { kind: 'document-gone', account, doc: `order:${id}` },
    ]);
    expect(told('inventory_levels/update', fixture('inventory-levels-update'))).toEqual([
      {
        kind: 'level',
        account,
        level: {
          stockKey: '271878346596884015',
          location: '24826418',
          available: 10,
          tracked: true,
          changedAt: '2021-12-31T19:00:00-05:00',
          readAt: '2026-11-02T15:15:03.000Z',
        },
      },
    ]);
  });

  it('an edit is fetched', () => {
    const [signal] = told('orders/edited', fixture('orders-edited'));
    expect(signal?.kind).toBe('document-changed');
  });
});

describe('the other topics', () => {
  const account = config.account;
  it('levels: below zero as it is, none or connected means read, disconnected means read', () => {
    const level = { inventory_item_id: 1, location_id: 2, updated_at: 'x' };
    expect(told('inventory_levels/update', { ...level, available: -4 })).toMatchObject([{ level: { available: -4 } }]);
    const dirty = [{ kind: 'dirty', account, stockKey: '1', location: '2' }];
    expect(told('inventory_levels/update', { ...level, available: null })).toEqual(dirty);
    expect(told('inventory_levels/disconnect', { inventory_item_id: 1, location_id: 2 })).toEqual(dirty);
    expect(told('inventory_items/update', { id: 1 })).toEqual([{ ...dirty[0], location: null }]);
  });

  it('products name their variants; returns their order; the rest says nothing', () => {
    expect(told('products/update', { id: 1, variants: [{ id: 7 }, { id: 8 }] })).toEqual([
      { kind: 'listing-changed', account, listing: '7' },
      { kind: 'listing-changed', account, listing: '8' },
    ]);
    expect(told('returns/close', { id: 1, order: { id: 9 } })).toEqual([
      { kind: 'document-changed', account, doc: 'order:9' },
    ]);
    expect(told('shop/update', { id: 1 })).toEqual([]);
    expect(told('customers/redact', {})).toEqual([]);
  });

  it('the topic is not signed: a captured body under a graver topic does nothing', () => {
    expect(() => told('orders/delete', ORDER)).toThrow();
    expect(() => told('app/uninstalled', ORDER)).toThrow();
    expect(() => told('app/uninstalled', { id: 1, myshopify_domain: 'hats.myshopify.com' })).toThrow();
    expect(told('app/uninstalled', { id: 1, myshopify_domain: 'mugs.myshopify.com' })).toMatchObject([
      { kind: 'access-lost', account },
    ]);
  });

  it('a body that is not what the topic promises throws, and says where', () => {
    expect(() => told('orders/create', { ...ORDER, id: null })).toThrow(/id/);
    expect(() => told('orders/create', { ...ORDER, line_items: [{ ...LINE, quantity: 1.5 }] })).toThrow(/quantity/);
    expect(() => told('orders/create', { ...ORDER, line_items: [{ ...LINE, current_quantity: -1 }] })).toThrow();
    expect(() => told('orders/create', { ...ORDER, line_items: [{ ...LINE, quantity: 1e12 }] })).toThrow();
    expect(() => told('orders/create', 'no json')).toThrow();
    expect(() => told('orders/create', '[]')).toThrow();
  });

  const TOPICS = ['orders/create', 'orders/edited', 'orders/delete', 'refunds/create', 'inventory_levels/update'];
  it('on garbage: an Error or signals, and the same each time', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TOPICS), fc.json(), (topic, body) => {
        const once = () => {
          try {
            return JSON.stringify(told(topic, body));
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
            return 'refused';
          }
        };
        expect(once()).toBe(once());
      }),
    );
  });
});
