import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { facts, type MagentoOp } from './facts.ts';
import { classify } from './failures.ts';

const of = (status: number, body: string, op: MagentoOp = 'orders', headers: Record<string, string> = {}) => {
  const failure = classify({ status, headers, body: Buffer.from(body) }, op);
  return failure && `${failure.failure} ${failure.code}`;
};
const said = (message: string) => JSON.stringify({ message });

describe('what an answer means', () => {
  it.each<[string, number, string, MagentoOp, string | undefined]>([
    ['a list', 200, '{"items":[]}', 'orders', undefined],
    ['a bare number', 200, '7', 'writeStockItem', undefined],
    ['an empty list for a write', 200, '[]', 'writeSources', undefined],
    ['a warning of PHP in front', 200, '<br />Warning{"items":[]}', 'orders', undefined],
    ['a page with 200 for a read', 200, '<html>Maintenance</html>', 'orders', 'transient not-json'],
    ['a page with 200 for a write', 200, '<html>ok</html>', 'writeSources', 'unknown-outcome not-json'],
    ['an error with 200', 200, said('Internal Error'), 'writeSources', 'unknown-outcome not-json'],
    ['a redirect', 302, '', 'orders', 'rejected redirected'],
    ['no such order', 404, said("The entity that was requested doesn't exist."), 'order', 'gone unknown-order'],
    ['no such route', 404, said('Request does not match any route.'), 'stocks', 'rejected no-route'],
    ['a page that does not exist', 404, '<html></html>', 'order', 'transient no-api'],
    ['a firewall', 403, '<html></html>', 'orders', 'auth blocked'],
    ['the signature', 401, said('The signature is invalid. Verify and try again.'), 'orders', 'auth unauthorized'],
    ['a bad row', 400, said('Could not save Source Item'), 'writeSources', 'rejected batch-refused'],
    ['too many rows for the web server', 413, '<html></html>', 'writeSources', 'rejected batch-refused'],
    ['a bad search', 400, said('Invalid attribute name'), 'orders', 'rejected refused'],
    ['broken while reading', 500, said('Internal Error'), 'orders', 'transient server-error'],
    ['broken while writing', 500, said('Internal Error'), 'writeSources', 'unknown-outcome server-error'],
    ['maintenance mode', 503, '<h1>Site is in maintenance mode</h1>', 'writeSources', 'transient maintenance'],
    ['too much', 429, '', 'writeSources', 'throttled rate-limited'],
  ])('%s', (_, status, body, op, expected) => {
    expect(of(status, body, op)).toBe(expected);
  });

  it('a time to wait is obeyed', () => {
    const busy = classify({ status: 503, headers: { 'retry-after': '7' }, body: Buffer.from('') }, 'orders');
    expect(busy).toMatchObject({ failure: 'throttled', retryAfterMs: 7_000 });
    expect(classify({ status: 429, headers: {}, body: Buffer.from('') }, 'orders')?.retryAfterMs).toBeGreaterThan(0);
  });

  it('placeholders are filled in, by name and by number', () => {
    const list = classify(
      { status: 400, headers: {}, body: Buffer.from('{"message":"%1 of %2","parameters":["one","two"]}') },
      'orders',
    );
    expect(list?.message).toBe('one of two');
  });

  it('never throws, whatever comes', () => {
    const op = fc.constantFrom(...(Object.keys(facts.operations) as MagentoOp[]));
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.oneof(fc.json(), fc.string()), op, (status, body, one) => {
        expect(typeof (of(status, body, one) ?? '')).toBe('string');
      }),
    );
  });
});
