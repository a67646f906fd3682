import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HIDDEN, secret } from './config.ts';
import { Failure } from './failure.ts';
import { cleanFailure, redaction } from './redaction.ts';

const schema = z.object({ account: z.string(), token: secret(), password: secret().optional() });
const of = (token: string) => redaction(schema, [{ account: 'shop', token }]);

describe('[I10] what leaves the client for a log, an error or a recording', () => {
  it('holds no secret of the settings, in any spelling', () => {
    // Letters that the fixed texts below do not hold, and some that are written differently on the way.
    const token = fc.string({ unit: fc.constantFrom(...'QZ%&"\\<> é+/=7'), minLength: 6, maxLength: 40 });
    fc.assert(
      fc.property(token, (secretText) => {
        const spellings = [
          secretText,
          encodeURIComponent(secretText),
          new URLSearchParams({ x: secretText }).toString().slice(2),
          JSON.stringify(secretText),
          Buffer.from(secretText).toString('base64'),
          Buffer.from(secretText).toString('base64url'),
        ];
        for (const spelling of spellings) {
          const clean = of(secretText).text(`before ${spelling} after`);
          expect(clean).toContain(HIDDEN);
          expect(clean).not.toContain(spelling);
        }
      }),
    );
  });

  it.each([
    ['{"access_token":"abc","expires_in":3600}', `{"access_token":"${HIDDEN}","expires_in":3600}`],
    ['{"refresh_token" : "a\\"b", "x":1}', `{"refresh_token" : "${HIDDEN}", "x":1}`],
    ['grant_type=refresh_token&refresh_token=abc&x=1', `grant_type=refresh_token&refresh_token=${HIDDEN}&x=1`],
    ['client_secret=abc', `client_secret=${HIDDEN}`],
    [
      'https://shop.test/orders?consumer_key=ck&consumer_secret=cs&page=2',
      `https://shop.test/orders?consumer_key=${HIDDEN}&consumer_secret=${HIDDEN}&page=2`,
    ],
    [
      '<Session><SessionToken>abc</SessionToken></Session>',
      `<Session><SessionToken>${HIDDEN}</SessionToken></Session>`,
    ],
    ['OAuth oauth_nonce="n", oauth_signature="abc%3D"', `OAuth oauth_nonce="n", oauth_signature="${HIDDEN}"`],
    [
      '{"token_type":"bearer","nextToken":"page2","tokenCount":"3"}',
      '{"token_type":"bearer","nextToken":"page2","tokenCount":"3"}',
    ],
    [
      String.raw`{"body":"{\"access_token\":\"abc\",\"a\":1}"}`,
      String.raw`{"body":"{\"access_token\":\"[secret]\",\"a\":1}"}`,
    ],
    ['{"sku":"tokens-of-love","title":"Secret Santa"}', '{"sku":"tokens-of-love","title":"Secret Santa"}'],
  ])('hides by name: %s', (given, clean) => expect(of('zzzzzz').text(given)).toBe(clean));

  it('hides headers by name, and what is in addresses', () => {
    const clean = of('tok').request({
      method: 'GET',
      url: 'https://me:pw@shop.test/tok',
      headers: {
        authorization: 'Bearer x',
        'x-shopify-access-token': 'x',
        cookie: 'B1SESSION=x',
        'x-amz-access-token': 'x',
        accept: 'text/plain',
        'x-echo': 'it was tok',
      },
    });
    expect(clean).toEqual({
      method: 'GET',
      url: `https://${HIDDEN}@shop.test/${HIDDEN}`,
      headers: {
        authorization: HIDDEN,
        'x-shopify-access-token': HIDDEN,
        cookie: HIDDEN,
        'x-amz-access-token': HIDDEN,
        accept: 'text/plain',
        'x-echo': `it was ${HIDDEN}`,
      },
      body: '',
    });
    const answer = of('tok').response({ status: 200, headers: { 'set-cookie': 'a=b' }, body: Buffer.from('tok') });
    expect(answer).toEqual({ status: 200, headers: { 'set-cookie': HIDDEN }, body: HIDDEN });
  });

  it('reads a megabyte of anything in a blink', () => {
    for (const text of [
      'a'.repeat(1e6),
      'token'.repeat(2e5),
      '"token":"'.repeat(1e5),
      '<token>'.repeat(1e5),
      '?token='.repeat(1e5),
    ]) {
      const start = performance.now();
      of('zzzzzz').text(text);
      expect(performance.now() - start).toBeLessThan(2000);
    }
  });

  it('keeps a failure what it is, without its secrets', () => {
    const failure = new Failure('rejected', 'bad', 'token zt9 is bad', {
      status: 422,
      platformCode: 'E_zt9',
      cause: new Error('sent zt9', { cause: { request: 'zt9' } }),
    });
    const clean = cleanFailure(failure, of('zt9'));
    expect(clean).toMatchObject({ failure: 'rejected', code: 'bad', status: 422, platformCode: `E_${HIDDEN}` });
    expect(clean.message).toBe(`token ${HIDDEN} is bad`);
    expect(JSON.stringify([clean, clean.message, (clean.cause as Error).message, clean.stack])).not.toMatch(/\bzt9\b/);
  });
});
