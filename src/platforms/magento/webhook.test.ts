import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../platform/contract.ts';
import { hmac } from '../../platform/signature.ts';
import { openBench } from './testing/bench.ts';
import { decode, TOPIC, verify } from './webhook.ts';

const { config } = openBench();
const secret = config.webhookSecret!;
const delivery = (body: string, signature: string | undefined = hmac('sha256', secret, [body], 'hex')): Delivery => ({
  method: 'POST',
  path: '/hooks/1',
  headers: signature === undefined ? {} : { 'x-onhand-signature': signature },
  body: Buffer.from(body),
  receivedAt: '2026-11-24T00:00:00.000Z',
});

describe('what the module in the shop says', () => {
  it('good, in either case; one flipped byte, none, another secret, no secret', () => {
    const good = delivery('{"orders":["501"]}');
    expect(verify(good, config)).toEqual({ verdict: 'ok', topic: TOPIC });
    const upper = good.headers['x-onhand-signature']!.toUpperCase();
    expect(verify(delivery('{"orders":["501"]}', upper), config).verdict).toBe('ok');
    const flipped = { ...good, body: Buffer.from('{"orders":["502"]}') };
    expect(verify(flipped, config)).toMatchObject({ why: 'bad-signature' });
    const bare = { ...good, headers: {} };
    expect(verify(bare, config)).toMatchObject({ why: 'no-signature' });
    expect(verify(good, { ...config, webhookSecret: `${secret}x` })).toMatchObject({ why: 'bad-signature' });
    expect(verify(good, { ...config, webhookSecret: undefined })).toMatchObject({ why: 'no-secret' });
  });

  it('names orders and products, and tells nothing of them', () => {
    const body = '{"orders":["501",9007199254740993],"skus":["TEE/RÖT","7"]}';
    expect(decode(delivery(body), TOPIC, config)).toEqual([
      { kind: 'document-changed', account: 'mugs.example', doc: 'order:501' },
      { kind: 'document-changed', account: 'mugs.example', doc: 'order:9007199254740993' },
      { kind: 'dirty', account: 'mugs.example', stockKey: 'TEE/RÖT', location: null },
      { kind: 'dirty', account: 'mugs.example', stockKey: '7', location: null },
    ]);
    expect(decode(delivery('{}'), TOPIC, config)).toEqual([]);
    expect(decode(delivery(body), 'another', config)).toEqual([]);
  });

  it('whatever stands in it, it is an Error at worst, and the same twice', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (body) => {
        const once = () => {
          try {
            return JSON.stringify(decode(delivery(body), TOPIC, config));
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
            return 'an error';
          }
        };
        expect(once()).toBe(once());
      }),
    );
  });
});
