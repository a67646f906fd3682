import type { lookup } from 'node:dns';
import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressKind } from './network-address.ts';
import { lookupWhere, refusalOf } from './pinned-lookup.ts';

it.each([
  ['8.8.8.8', 'public'],
  ['172.15.255.255', 'public'],
  ['172.16.0.1', 'inside'],
  ['100.64.0.1', 'inside'],
  ['127.255.0.1', 'inside'],
  ['169.254.169.254', 'never'],
  ['0.0.0.0', 'never'],
  ['255.255.255.255', 'never'],
  ['239.1.1.1', 'never'],
  ['2606:4700::1111', 'public'],
  ['::1', 'inside'],
  ['fd00::1', 'inside'],
  ['::', 'never'],
  ['fe80::1%eth0', 'never'],
  ['::ffff:10.0.0.1', 'inside'],
  ['::ffff:a9fe:a9fe', 'never'],
  ['64:ff9b::169.254.169.254', 'never'],
  ['2002:7f00:1::', 'inside'],
  ['::127.0.0.1', 'inside'],
  ['[::1]', 'inside'],
  ['not an address', 'never'],
  ['', 'never'],
])('%s is %s', (address, kind) => expect(addressKind(address)).toBe(kind));

it('an IPv4 address stays what it is inside an IPv6 one', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const kind = addressKind(address);
      expect(addressKind(`::ffff:${address}`)).toBe(kind);
      expect(addressKind(`64:ff9b::${address}`)).toBe(kind);
    }),
  );
});

it('reads any text without throwing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4()), (text) => {
      expect(['public', 'inside', 'never']).toContain(addressKind(text));
    }),
  );
});

describe('look-up', () => {
  /** DNS as the attacker wants it: these answers, one after the other. */
  const answering = (...answers: string[][]) =>
    ((_host: string, _options: object, done: (error: null, addresses: object[]) => void) => {
      const addresses = (answers.shift() ?? []).map((address) => ({ address, family: isIP(address) }));
      done(null, addresses);
    }) as unknown as typeof lookup;
  const look = (resolve: typeof lookup, insideToo: boolean, all = true) =>
    new Promise<unknown>((done) =>
      lookupWhere(insideToo, resolve)('shop.test', { all }, (error, found) => done(error ?? found)),
    );

  it('gives only what may be reached, and refuses when nothing is left', async () => {
    const mixed = ['10.0.0.1', '8.8.8.8', '169.254.169.254'];
    expect(await look(answering(mixed), false)).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await look(answering(mixed), true)).toEqual([
      { address: '10.0.0.1', family: 4 },
      { address: '8.8.8.8', family: 4 },
    ]);
    expect(await look(answering(mixed), false, false)).toBe('8.8.8.8');
    expect(await look(answering(['10.0.0.1']), false)).toMatchObject({ code: 'ADDRESS_REFUSED' });
    expect(await look(answering([]), true)).toMatchObject({ code: 'ADDRESS_REFUSED' });
  });

  it('a name that turns inside at the second look-up is refused then: no rebinding', async () => {
    const turning = answering(['8.8.8.8'], ['127.0.0.1']);
    expect(await look(turning, false)).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await look(turning, false)).toMatchObject({ code: 'ADDRESS_REFUSED' });
  });

  it('hands a failing look-up on', async () => {
    const failing = ((_h: string, _o: object, done: (error: Error) => void) =>
      done(new Error('SERVFAIL'))) as unknown as typeof lookup;
    expect(await look(failing, true)).toMatchObject({ message: 'SERVFAIL' });
  });

  it('judges hosts written as addresses, which are never looked up', () => {
    expect(refusalOf('127.0.0.1', false)?.message).toContain('ONHAND_ALLOW_PRIVATE_HOSTS');
    expect(refusalOf('127.0.0.1', true)).toBeUndefined();
    expect(refusalOf('[fe80::1]', true)?.message).toContain('no shop');
    expect(refusalOf('shop.test', false)).toBeUndefined();
  });
});
