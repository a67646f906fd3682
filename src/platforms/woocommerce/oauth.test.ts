import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyText } from '../../platform/http.ts';
import { percentEncode } from '../../platform/oauth1.ts';
import { woocommerce } from './index.ts';
import { signed } from './oauth.ts';
import { oauthClaim } from './sandbox/oauth-check.ts';
import { openBench } from './testing/bench.ts';

const keys = { consumerKey: 'ck_7', consumerSecret: 'cs_8' };
const NOW = Date.UTC(2026, 10, 24);

describe('OAuth 1.0a in the address', () => {
  it('a signature as oauth-1.0a 2.2.6 (inside the official client) makes it', () => {
    const url = 'http://10.0.0.7/shop/wp-json/wc/v3/orders?include=1%2C2&a=x%20y%2A';
    const { searchParams } = new URL(signed({ method: 'GET', url, headers: {} }, keys, NOW).url);
    expect(Object.fromEntries(searchParams)).toEqual({
      include: '1,2',
      a: 'x y*',
      oauth_consumer_key: 'ck_7',
      oauth_nonce: 'd8e41e91048e6dfb2c2576472078e548',
      oauth_signature_method: 'HMAC-SHA256',
      oauth_timestamp: '1795478400',
      oauth_signature: 'a5p9PVPhQvXLsjpqlEctfDhM5xApJ0q9QsFdEQx3Pd4=',
    });
  });

  it('is what the store computes, whatever stands in the address', () => {
    const name = fc.stringMatching(/^[a-z_]{1,8}$/);
    const path = fc.constantFrom('/wp-json/wc/v3/orders', '/shop/wp-json/wc/v3/products/7', '/index.php');
    fc.assert(
      fc.property(path, fc.dictionary(name, fc.string({ unit: 'grapheme' })), (where, query) => {
        const pairs = Object.entries(query).map(([key, value]) => `${key}=${percentEncode(value)}`);
        const url = `http://10.0.0.7:8080${where}?${pairs.join('&')}`;
        const claim = oauthClaim('PUT', new URL(signed({ method: 'PUT', url, headers: {} }, keys, NOW).url));
        if (typeof claim !== 'object') throw new Error('no claim');
        expect(claim.fault(keys.consumerSecret)).toBeUndefined();
        expect(claim.fault('cs_9')).toContain('does not match');
      }),
    );
  });

  it('the address stays as it was written, and one changed member is noticed', () => {
    const url = 'http://10.0.0.7/index.php?rest_route=%2Fwc%2Fv3%2Forders&route=wp-json/wc/v3';
    const sent = signed({ method: 'GET', url, headers: {} }, keys, NOW).url;
    expect(sent.startsWith(`${url}&oauth_`)).toBe(true);
    const claim = oauthClaim('GET', new URL(sent.replace('orders', 'coupons')));
    expect((claim as { fault(secret: string): string | undefined }).fault('cs_8')).toContain('does not match');
    expect(oauthClaim('GET', new URL(sent.replace(/&oauth_nonce=\w+/, '')))).toBe(
      'Missing OAuth parameter oauth_nonce',
    );
  });
});

describe('who is let in', () => {
  const told = async (url: string, headers: Record<string, string> = {}, method: 'GET' | 'PUT' | 'POST' = 'GET') => {
    const response = await openBench().sandbox.handle({ method, url, headers });
    const { code, message } = JSON.parse(bodyText(response)) as { code?: string; message?: string };
    return [response.status, code, message];
  };
  const http = 'http://127.0.0.1:8080/wp-json/wc/v3';

  it('as WooCommerce words it: nobody, half an OAuth, an unknown key, another method', async () => {
    expect(await told(`${http}/products`)).toEqual([
      401,
      'woocommerce_rest_cannot_view',
      'Sorry, you cannot list resources.',
    ]);
    expect(await told(`${http}/products?oauth_nonce=1&oauth_timestamp=2`)).toEqual([
      401,
      'woocommerce_rest_authentication_missing_parameter',
      'Missing OAuth parameters oauth_consumer_key, oauth_signature, oauth_signature_method',
    ]);
    const stranger = signed({ method: 'GET', url: `${http}/products`, headers: {} }, keys, NOW).url;
    expect(await told(stranger)).toMatchObject([401, expect.anything(), 'Consumer key is invalid.']);
    const basic = { authorization: `Basic ${Buffer.from('ck_7:cs_8').toString('base64')}` };
    expect(await told(`${http.replace('http:', 'https:')}/products/7`, basic, 'PUT')).toMatchObject([
      401,
      'woocommerce_rest_cannot_edit',
      expect.any(String),
    ]);
    expect(await told(`${http}/products/batch`, {}, 'POST')).toMatchObject([
      401,
      'woocommerce_rest_cannot_batch',
      expect.any(String),
    ]);
  });

  it('plain permalinks over plain http: signed, and found although no path names the API', async () => {
    for (const url of ['http://127.0.0.1:8080', 'https://mugs.example']) {
      const bench = openBench({}, { url, plainPermalinks: true });
      const checks = await bench.run((client, config) => woocommerce.check(client, config));
      expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    }
  });
});
