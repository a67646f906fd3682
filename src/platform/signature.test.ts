import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmac, sameSignature, verifyHmac } from './signature.ts';

const rule = (parts: (string | Uint8Array)[], secret: Parameters<typeof verifyHmac>[1]['secret']) => ({
  algorithm: 'sha256' as const,
  encoding: 'base64' as const,
  secret,
  parts,
  header: 'X-Signature',
  secretFrom: 'Settings',
});

describe('hmac', () => {
  it('gives RFC 4231 test case 2', () => {
    expect(hmac('sha256', 'Jefe', ['what do ya want for nothing?'], 'hex')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });
  it('gives RFC 2202 test case 2 for sha1', () => {
    expect(hmac('sha1', 'Jefe', ['what do ya want ', Buffer.from('for nothing?')], 'hex')).toBe(
      'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
    );
  });
});

describe('sameSignature', () => {
  it('is equality of texts, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(sameSignature(a, b)).toBe(Buffer.from(a).equals(Buffer.from(b)) && b !== '');
      }),
    );
    expect(sameSignature(undefined, 'a')).toBe(false);
    expect(sameSignature(undefined, '')).toBe(false);
  });
});

describe('verifyHmac', () => {
  it('takes the right signature over any bytes, and no other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.string({ minLength: 1 }), fc.nat(), (body, secret, at) => {
        const good = hmac('sha256', secret, [body], 'base64');
        expect(verifyHmac(good, rule([body], secret))).toBeUndefined();
        const flipped = Uint8Array.from(body);
        flipped[at % body.length]! ^= 1;
        expect(verifyHmac(good, rule([flipped], secret))?.why).toBe('bad-signature');
      }),
    );
  });
  it('knows what is missing', () => {
    const good = hmac('sha256', 'k', ['body'], 'base64');
    expect(verifyHmac(good, rule(['body'], ''))?.why).toBe('no-secret');
    expect(verifyHmac(good, rule(['body'], [undefined, null, '']))?.why).toBe('no-secret');
    expect(verifyHmac(undefined, rule(['body'], 'k'))?.why).toBe('no-signature');
    expect(verifyHmac('', rule(['body'], 'k'))?.why).toBe('no-signature');
  });
  it('takes the old and the new secret while one is being changed', () => {
    const signed = (key: string) => hmac('sha256', key, ['body'], 'base64');
    expect(verifyHmac(signed('old'), rule(['body'], ['new', 'old']))).toBeUndefined();
    expect(verifyHmac(signed('new'), rule(['body'], ['new', 'old']))).toBeUndefined();
    expect(verifyHmac(signed('other'), rule(['body'], ['new', 'old']))?.why).toBe('bad-signature');
  });
  it('reads hex in either case, base64 only as it is', () => {
    const hex = hmac('sha256', 'k', ['body'], 'hex').toUpperCase();
    expect(verifyHmac(hex, { ...rule(['body'], 'k'), encoding: 'hex' })).toBeUndefined();
    const base64 = hmac('sha256', 'k', ['body'], 'base64');
    expect(verifyHmac(base64.toLowerCase(), rule(['body'], 'k'))?.why).toBe('bad-signature');
  });
});
