import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../platform/http.ts';
import { refuseV4, signV4 } from './sigv4.ts';

/** The key and time of AWS's own suite (aws-sig-v4-test-suite). */
const KEY = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'service',
};
const NOW = Date.UTC(2015, 7, 30, 12, 36, 0);
const HOST = 'https://example.amazonaws.com';

const signatureOf = (request: HttpRequest) =>
  /Signature=(\w+)/.exec(signV4(request, KEY, NOW).headers['authorization']!)![1];
const get = (path: string, headers: Record<string, string> = {}): HttpRequest => ({
  method: 'GET',
  url: `${HOST}${path}`,
  headers,
});
const post = (headers: Record<string, string>, body?: string): HttpRequest => ({
  method: 'POST',
  url: `${HOST}/`,
  headers,
  body,
});

describe('SigV4 against the published test suite', () => {
  it.each([
    ['get-vanilla', get('/'), '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'get-vanilla-query-order-key-case',
      get('/?Param2=value2&Param1=value1'),
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'get-header-value-trim',
      get('/', { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' }),
      'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    ],
    ['post-vanilla', post({}), '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'post-header-key-case',
      post({ 'my-header1': 'value1' }),
      'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
    ],
    [
      'post-x-www-form-urlencoded',
      post({ 'content-type': 'application/x-www-form-urlencoded' }, 'Param1=value1'),
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
  ])('%s', (_, request, signature) => {
    expect(signatureOf(request)).toBe(signature);
  });
});

describe('the stand-in for AWS', () => {
  const signed = () =>
    signV4(
      {
        method: 'POST',
        url: `${HOST}/`,
        headers: { 'x-amz-target': 'AmazonSQS.ReceiveMessage', 'content-type': 'application/x-amz-json-1.0' },
        body: '{"a":1}',
      },
      KEY,
      NOW,
    );

  it('lets a good signature in, up to fifteen minutes old', () => {
    expect(refuseV4(signed(), KEY, NOW)).toBeUndefined();
    expect(refuseV4(signed(), KEY, NOW + 899_000)).toBeUndefined();
  });

  it.each<[string, (request: HttpRequest) => HttpRequest, string, number]>([
    ['a changed body', (request) => ({ ...request, body: '{"a":2}' }), 'SignatureDoesNotMatch', NOW],
    [
      'another action',
      (request) => ({ ...request, headers: { ...request.headers, 'x-amz-target': 'AmazonSQS.PurgeQueue' } }),
      'SignatureDoesNotMatch',
      NOW,
    ],
    ['no signature', (request) => ({ ...request, headers: {} }), 'MissingAuthenticationToken', NOW],
    ['a stale one', (request) => request, 'RequestExpired', NOW + 901_000],
    [
      'another key',
      (request) => ({
        ...request,
        headers: {
          ...request.headers,
          authorization: request.headers['authorization']!.replace('AKIDEXAMPLE', 'AKIDOTHER'),
        },
      }),
      'InvalidClientTokenId',
      NOW,
    ],
  ])('refuses %s', (_, change, why, now) => {
    expect(refuseV4(change(signed()), KEY, now)).toBe(why);
  });

  it('does not sign what proxies rewrite, and signs again what was signed before', () => {
    const once = signV4({ ...signed(), headers: { ...signed().headers, 'user-agent': 'Onhand' } }, KEY, NOW);
    expect(once.headers['authorization']).not.toContain('user-agent');
    expect(refuseV4({ ...once, headers: { ...once.headers, 'user-agent': 'a proxy' } }, KEY, NOW)).toBeUndefined();
  });
});
