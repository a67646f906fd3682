import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { facts, type PrestaOp } from './facts.ts';
import { classify } from './failures.ts';

const of = (status: number, body: string, op: PrestaOp = 'orders', headers: Record<string, string> = {}) => {
  const failure = classify({ status, headers, body: Buffer.from(body) }, op);
  return failure && `${failure.failure} ${failure.code}`;
};
const error = (code: number, message = 'No.') =>
  `<?xml version="1.0"?>\n<prestashop><errors><error><code><![CDATA[${code}]]></code><message><![CDATA[${message}]]></message></error></errors></prestashop>`;

describe('what an answer means', () => {
  it.each<[string, number, string, PrestaOp, string | undefined]>([
    [
      'an empty list',
      200,
      '<?xml?><prestashop><orders></orders></prestashop>'.replace('<?xml?>', ''),
      'orders',
      undefined,
    ],
    ['a warning of PHP in front', 200, '<br/>Warning <prestashop><orders/></prestashop>', 'orders', undefined],
    ['a page with 200 for a read', 200, '<html>Maintenance</html>', 'orders', 'transient not-xml'],
    ['a page with 200 for a write', 200, '<html>ok</html>', 'writeStock', 'unknown-outcome not-xml'],
    ['an error with 200', 200, error(46), 'writeStock', 'unknown-outcome error-in-answer'],
    ['a redirect', 301, '', 'writeStock', 'rejected redirected'],
    ['no such key', 401, error(18), 'orders', 'auth bad-key'],
    ['a resource that is not ticked', 401, error(26), 'orders', 'auth no-right'],
    ['a method that is not ticked', 405, error(25), 'writeStock', 'auth no-right'],
    ['another shop', 403, error(132), 'orders', 'auth wrong-shop'],
    ['not on this shop', 404, error(131), 'stock', 'gone unknown-item'],
    ['a page that does not exist', 404, '<html></html>', 'order', 'transient no-api'],
    ['a firewall', 403, '<html></html>', 'orders', 'auth blocked'],
    ['Basic auth of the site', 401, '<html></html>', 'orders', 'auth bad-key'],
    ['a member that is missing', 400, error(41), 'writeStock', 'rejected refused'],
    ['computed stock', 500, error(133), 'writeStock', 'rejected computed-stock'],
    ['broken while reading', 500, error(46), 'orders', 'transient server-error'],
    ['broken while writing', 500, '', 'writeStock', 'unknown-outcome server-error'],
    ['the webservice is off', 503, error(22), 'orders', 'auth webservice-off'],
    ['maintenance mode', 503, '<h1>Maintenance</h1>', 'writeStock', 'transient maintenance'],
    ['too much', 429, '', 'writeStock', 'throttled rate-limited'],
    ["the host's resource limit", 508, '<html></html>', 'writeStock', 'throttled rate-limited'],
  ])('%s', (_, status, body, op, expected) => {
    expect(of(status, body, op)).toBe(expected);
  });

  it('a missing id is a 404 without a body, told from a page by the header of the webservice', () => {
    expect(of(404, '', 'stock', { 'psws-version': '8.1.0' })).toBe('gone unknown-item');
    expect(of(404, '', 'stock')).toBe('transient no-api');
  });

  it('a time to wait is obeyed', () => {
    const busy = classify({ status: 503, headers: { 'retry-after': '7' }, body: Buffer.from('') }, 'orders');
    expect(busy).toMatchObject({ failure: 'throttled', retryAfterMs: 7_000 });
  });

  it('never throws, whatever comes', () => {
    const op = fc.constantFrom(...(Object.keys(facts.operations) as PrestaOp[]));
    const tag = fc.constantFrom(
      '<prestashop>',
      '</prestashop>',
      '<errors>',
      '<error>',
      '<code>3</code>',
      '<![CDATA[',
      ']]>',
      '&x;',
      '<!DOCTYPE a [<!ENTITY b "c">]>',
      '<',
    );
    const body = fc.oneof(
      fc.string(),
      fc.array(tag, { maxLength: 8 }).map((tags) => tags.join('')),
    );
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), body, op, (status, text, one) => {
        expect(typeof (of(status, text, one) ?? '')).toBe('string');
      }),
    );
  });
});
