import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../platform/contract.ts';
import { hmac } from '../../platform/signature.ts';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { bookDifferences } from '../../platform/testing/book.ts';
import { quickbooksOnline } from './index.ts';
import type { QboSandbox } from './sandbox.ts';
import { settings } from './testing/scripted.ts';
import { accountOf, decode, SIGNATURE_HEADER, verify } from './webhook.ts';

const fixture = JSON.parse(readFileSync(new URL('./fixtures/webhooks.json', import.meta.url), 'utf8'));
const { rawBody, signature, verifierToken } = fixture.signed as Record<string, string>;

const delivery = (body: unknown, given?: string): Delivery => ({
  method: 'POST',
  path: '/hooks/quickbooks-online',
  headers: given === undefined ? {} : { [SIGNATURE_HEADER]: given },
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  receivedAt: '',
});
const signed = (body: unknown, token = verifierToken!): Delivery => {
  const plain = delivery(body);
  return { ...plain, headers: { [SIGNATURE_HEADER]: hmac('sha256', token, [plain.body], 'base64') } };
};
const why = (given: Delivery, config = settings()) => {
  const verdict = verify(given, config);
  return verdict.verdict === 'refused' ? verdict.why : verdict.verdict;
};

describe('signatures, on raw bytes', () => {
  it('Intuit’s own vector verifies', () => {
    expect(why(delivery(rawBody, signature))).toBe('ok');
  });
  it('one flipped byte, another token, none, no secret: refused', () => {
    const flipped = delivery(rawBody, signature);
    flipped.body[5]! ^= 1;
    expect(why(flipped)).toBe('bad-signature');
    expect(why(signed(rawBody, 'another'))).toBe('bad-signature');
    expect(why(delivery(rawBody))).toBe('no-signature');
    expect(why(delivery(rawBody, ''))).toBe('no-signature');
    expect(why(delivery(rawBody, signature), settings({ webhookSecret: undefined }))).toBe('no-secret');
  });
  it('hexadecimal is not base64; spaces that a body gained on the way break it', () => {
    expect(why(delivery(rawBody, hmac('sha256', verifierToken!, [rawBody!], 'hex')))).toBe('bad-signature');
    expect(why(delivery(JSON.stringify(JSON.parse(rawBody!), null, 1), signature))).toBe('bad-signature');
  });
  it('signed, and neither form: malformed', () => {
    for (const body of ['{}', '[{}]', 'null', '""', '{"eventNotifications":[{}]}'])
      expect(why(signed(body))).toBe('malformed');
    expect(why(signed('[]'))).toBe('ok');
  });
});

describe('what they tell', () => {
  const told = (body: unknown, config = settings()) => decode(delivery(body), 'events', config);
  it('CloudEvents: each of its own company, mails and customers left out', () => {
    expect(told(fixture.cloudEvents)).toEqual([
      { kind: 'document-changed', account: '9130000000000001', doc: 'salesreceipt:150' },
      { kind: 'dirty', account: '9130000000000002', stockKey: '19', location: '-' },
      { kind: 'listing-changed', account: '9130000000000002', listing: '19' },
      { kind: 'dirty', account: '9130000000000002', stockKey: '18', location: '-' },
      { kind: 'listing-changed', account: '9130000000000002', listing: '18' },
    ]);
  });
  it('the older form: the same words', () => {
    expect(told(fixture.notifications)).toEqual([
      { kind: 'document-changed', account: '9130000000000001', doc: 'salesreceipt:150' },
      { kind: 'document-changed', account: '9130000000000001', doc: 'creditmemo:151' },
      { kind: 'dirty', account: '9130000000000001', stockKey: '19', location: '-' },
    ]);
    expect(told(rawBody)).toEqual([]);
  });
  it('where sales are copies they are not told; another company’s are its own affair', () => {
    const config = settings({ salesHere: 'ignore' });
    expect(told(fixture.notifications, config).map(({ kind }) => kind)).toEqual(['dirty']);
    expect(told(fixture.notifications, settings({ salesHere: 'ignore', account: '9130000000000009' }))).toHaveLength(3);
  });
  it('whose secret: the one company named, or any of the app’s where there are several', () => {
    expect(accountOf(delivery(fixture.notifications))).toBe('9130000000000001');
    expect(accountOf(delivery(fixture.cloudEvents))).toBeUndefined();
    expect(accountOf(delivery('nonsense'))).toBeUndefined();
  });
});

describe('against the stand-in', () => {
  it.each(['as they come', 'gathered', 'in the older form'])('%s: the book is told whole', async (how) => {
    const bench = await Bench.open(quickbooksOnline as never, { items: 4 });
    const { shopper } = bench.sandbox;
    const { staff } = bench.sandbox as QboSandbox;
    if (how === 'gathered') staff.gatherHooks();
    if (how === 'in the older form') staff.legacyHooks();
    const buy = (index: number, paid = true) => {
      const bought = shopper.buy({ lines: [{ sku: skuOf(index), quantity: 3 }], location: null, paid });
      if (!bought.ok) throw new Error(bought.why);
      return bought.order;
    };
    const [receipt, invoice, voided, removed] = [buy(0), buy(1, false), buy(2), buy(3)];
    shopper.refund(receipt, { sku: skuOf(0), quantity: 1 }, true);
    shopper.refund(invoice, { sku: skuOf(1), quantity: 2 }, true);
    shopper.pay!(invoice);
    await bench.settle();
    shopper.cancel(voided);
    staff.remove(removed);
    await bench.settle();
    expect(await bookDifferences(bench)).toEqual([]);
    expect([...bench.listener.docs.keys()].map((doc) => doc.split(':')[0]).sort()).toEqual([
      'creditmemo',
      'invoice',
      'refundreceipt',
      'salesreceipt',
      'salesreceipt',
      'salesreceipt',
    ]);
    const events = bench.deliveries.length;
    expect(how === 'gathered' ? events < 5 : events > 8, `${events} deliveries`).toBe(true);
    expect(bench.refusals).toEqual([]);
    bench.close();
  });
});
