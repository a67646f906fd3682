import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../platform/contract.ts';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { clover } from './index.ts';
import type { CloverSandbox } from './sandbox.ts';
import { settings } from './testing/scripted.ts';
import { AUTH_HEADER, accountOf, decode, verify } from './webhook.ts';

const documented = JSON.parse(readFileSync(new URL('./fixtures/documented.json', import.meta.url), 'utf8'));
const CODE = '0307e264-b33a-4913-88aa-37b10014a0b8';

const deliveryOf = (body: unknown, headers: Record<string, string> = {}): Delivery => ({
  method: 'POST',
  path: '/hooks/clover',
  headers,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  receivedAt: '2026-11-24T10:00:00.000Z',
});
const config = settings({ webhookSecret: CODE });
const signed = (body: unknown) => deliveryOf(body, { [AUTH_HEADER]: CODE });
const whyOf = (delivery: Delivery, now = config) => {
  const verdict = verify(delivery, now);
  return verdict.verdict === 'refused' ? verdict.why : verdict.verdict;
};

describe('the auth code in the header', () => {
  it('lets Clover in, and nobody who lacks it, has another, or comes before it is set', () => {
    expect(verify(signed(documented.event), config)).toEqual({ verdict: 'ok', topic: 'events' });
    expect(whyOf(deliveryOf(documented.event))).toBe('no-signature');
    expect(whyOf(deliveryOf(documented.event, { [AUTH_HEADER]: ' ' }))).toBe('no-signature');
    for (const wrong of [CODE.slice(1), `${CODE}0`, CODE.toUpperCase(), CODE.replace('0', '1')])
      expect(whyOf(deliveryOf(documented.event, { [AUTH_HEADER]: wrong })), wrong).toBe('bad-signature');
    expect(whyOf(signed(documented.event), settings())).toBe('no-secret');
    expect(whyOf(deliveryOf('{}', { [AUTH_HEADER]: '' }), settings())).toBe('no-secret');
  });

  it('proves no word of the body: whatever is written there, only hints come out', async () => {
    const forged = {
      merchants: {
        [config.account]: [
          { objectId: 'IS:ITEM000000001', type: 'UPDATE', ts: 1, quantity: 9_999, stockCount: 9_999 },
          { objectId: 'O:ORDER00000001', type: 'UPDATE', ts: 1, paymentState: 'PAID', lineItems: { elements: [{}] } },
        ],
      },
    };
    expect(verify(signed(forged), config).verdict).toBe('ok');
    expect(decode(signed(forged), 'events')).toEqual([
      { kind: 'dirty', account: config.account, stockKey: 'ITEM000000001', location: null },
      { kind: 'document-changed', account: config.account, doc: 'order:ORDER00000001' },
    ]);
  });
});

describe('the verification code', () => {
  it('is kept and shown while no auth code is set, answered and dropped afterwards, and changes nothing', () => {
    const asked = deliveryOf(documented.verification);
    expect(verify(asked, settings())).toEqual({ verdict: 'ok', topic: 'verification' });
    expect(() => decode(asked, 'verification')).toThrow('ce7643c1-83ea-4218-abe6-da876c9c7a0a');
    expect(verify(asked, config)).toEqual({ verdict: 'handshake', reply: { status: 200 } });
    expect(accountOf(asked)).toBeUndefined();
  });

  it('lets nothing else through beside it', () => {
    for (const body of [
      { ...documented.verification, merchants: documented.event.merchants },
      { verificationCode: 'not a uuid' },
      { verificationCode: 7 },
      [],
      'null',
      '',
      `${JSON.stringify(documented.verification)}${' '.repeat(300)}`,
    ])
      expect(whyOf(deliveryOf(body), settings()), JSON.stringify(body)).toBe('no-secret');
  });

  it('is sent by the stand-in when somebody presses the button', async () => {
    const bench = await Bench.open(clover as never);
    bench.config = { ...bench.config, webhookSecret: undefined };
    const code = (bench.sandbox as CloverSandbox).staff.sendVerificationCode();
    // The bench decodes what it is handed: the code comes out as the reason.
    let said = '';
    bench.listener.decode = (delivery, topic) => {
      try {
        return decode(delivery, topic);
      } catch (error) {
        said = (error as Error).message;
        return [];
      }
    };
    await bench.settle();
    expect(said).toContain(code);
    bench.close();
  });
});

describe('events', () => {
  it("Clover's documented message: every merchant's entries, each by its own name", () => {
    const signals = decode(signed(documented.event), 'events');
    expect(signals).toEqual([
      { kind: 'document-changed', account: 'XYZVJT2ZRRRSC', doc: 'order:GHIVJT2ZRRRSC' },
      { kind: 'document-changed', account: 'XYZVJT2ZRRRSC', doc: 'order:ABCVJT2ZRRRSC' },
      { kind: 'document-changed', account: 'MRCVJT2ZRRRSC', doc: 'order:GHIVJT2ZRRRSC' },
      { kind: 'document-changed', account: 'MRCVJT2ZRRRSC', doc: 'order:ABCVJT2ABCRSC' },
    ]);
    expect(accountOf(signed(documented.event)), 'several: whoever of the app').toBeUndefined();
    expect(accountOf(signed({ merchants: { M1: [] } }))).toBe('M1');
  });

  it('says each thing once, and knows every kind', () => {
    const entries = (...ids: [string, string][]) =>
      decode(signed({ merchants: { M1: ids.map(([objectId, type]) => ({ objectId, type, ts: 5 })) } }), 'events');
    expect(entries(['O:A', 'CREATE'], ['P:B', 'CREATE'], ['O:A', 'UPDATE'], ['O:A', 'DELETE'])).toEqual([
      { kind: 'document-changed', account: 'M1', doc: 'order:A' },
    ]);
    expect(entries(['I:A', 'UPDATE'], ['IS:A', 'UPDATE'], ['IA:A', 'UPDATE'])).toEqual([
      { kind: 'dirty', account: 'M1', stockKey: 'A', location: null },
    ]);
    expect(entries(['I:A', 'CREATE'])).toEqual([{ kind: 'listing-changed', account: 'M1', listing: 'A' }]);
    expect(entries(['I:A', 'DELETE'])).toEqual([{ kind: 'listing-changed', account: 'M1', listing: 'A' }]);
    expect(entries(['A:APP', 'DELETE'])).toMatchObject([{ kind: 'access-lost', account: 'M1' }]);
    expect(entries(['A:APP', 'CREATE'], ['C:X', 'UPDATE'], ['ZZ:1', 'UPDATE'], ['nonsense', 'UPDATE'])).toEqual([]);
  });

  it('a body that is not a message is an error, never a wrong signal', () => {
    for (const body of [
      '',
      'null',
      '[]',
      '{}',
      '{"merchants":[]}',
      '{"merchants":{"M1":{}}}',
      '{"merchants":{"M1":[{}]}}',
    ])
      expect(() => decode(signed(body), 'events'), body).toThrow();
  });

  it('verify is total, decode throws nothing but Errors', () => {
    const body = fc.oneof(fc.string(), fc.json(), fc.constant(JSON.stringify(documented.event)));
    fc.assert(
      fc.property(
        body,
        fc.option(fc.string(), { nil: undefined }),
        fc.constantFrom('events', 'verification', ''),
        (text, header, topic) => {
          const delivery = deliveryOf(text, header === undefined ? {} : { [AUTH_HEADER]: header });
          const verdict = verify(delivery, config);
          expect(verdict.verdict === 'ok' && header?.trim() !== CODE).toBe(false);
          accountOf(delivery);
          try {
            decode(delivery, topic);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        },
      ),
    );
  });

  it('a sale at the stand-in is told by its order, its payment and nothing else', async () => {
    const bench = await Bench.open(clover as never);
    expect(bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 2 }], location: null }).ok).toBe(true);
    await bench.settle();
    const ids = bench.deliveries.flatMap(({ delivery }) =>
      Object.values(
        JSON.parse(Buffer.from(delivery.body).toString()).merchants as Record<string, { objectId: string }[]>,
      )
        .flat()
        .map(({ objectId }) => objectId.split(':')[0]),
    );
    expect(new Set(ids)).toEqual(new Set(['O', 'P']));
    expect(bench.refusals).toEqual([]);
    bench.close();
  });
});
