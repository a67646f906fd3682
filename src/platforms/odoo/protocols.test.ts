import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyText } from '../../platform/http.ts';
import { failureOf } from '../../platform/testing/bench.ts';
import { odoo } from './index.ts';
import { MAIN, openBench, SHOP } from './testing/bench.ts';
import { encode, readAnswer } from './wire.ts';
import { methodCall, readCall, readResponse, xmlValue } from './xmlrpc.ts';

describe.each(['json2', 'jsonrpc', 'xmlrpc'] as const)('over %s', (protocol) => {
  it('lists, reads, sells, writes and polls alike', async () => {
    const bench = openBench({}, { protocol });
    const { sandbox } = bench;
    const { items } = await bench.run((client, config) => odoo.listListings(client, config, null));
    expect(items.map(({ sku, title, tracked }) => [sku, title, tracked])).toEqual([
      ['MUG', 'MUG', true],
      ['HAT', 'HAT', true],
      ['TEE', 'TEE', true],
    ]);
    const bought = sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 3 }], location: null });
    sandbox.shopper.buy({ lines: [{ sku: 'TEE', quantity: 1 }], location: SHOP });
    const targets = [await bench.target('MUG', MAIN, 2), await bench.target('HAT', SHOP, 30)];
    const outcomes = await bench.run((client, config) => odoo.pushLevels(client, config, targets));
    expect(outcomes.map(({ result }) => result)).toEqual(['applied', 'applied']);
    expect([bench.shown('MUG', MAIN), bench.shown('HAT', SHOP)]).toEqual([2, 30]);
    const page = await bench.run((client, config) => odoo.poll(client, config, 'orders', null, '2026-11-23T00:00:00Z'));
    expect(page.signals.map((signal) => signal.kind === 'document' && signal.doc.doc)).toEqual([
      `order:${bought.ok && bought.order}`,
      'till:700002',
    ]);
    expect(page).toMatchObject({ more: false, completeTo: expect.stringMatching(/^2026-11-24T00:00:/) });
    const checks = await bench.run((client, config) => odoo.check(client, config));
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    const paths = new Set(bench.exchanges.map(({ request }) => new URL(request.url).pathname.split('/')[1]));
    expect([...paths]).toEqual({ json2: ['json', 'web'], jsonrpc: ['jsonrpc'], xmlrpc: ['xmlrpc'] }[protocol]);
  });

  it('a key that Odoo does not accept is an auth failure', async () => {
    const bench = openBench({}, { protocol, apiKey: 'wrong' });
    const failure = await failureOf(bench.run((client, config) => odoo.listLevels(client, config, null)));
    expect(failure).toMatchObject({ failure: 'auth', code: 'key-refused' });
  });

  it('a key that is taken away later is one as well', async () => {
    const bench = openBench({}, { protocol });
    await bench.run((client, config) => odoo.listLevels(client, config, null));
    bench.sandbox.staff.revokeKey();
    const failure = await failureOf(bench.run((client, config) => odoo.listLevels(client, config, null)));
    expect(failure).toMatchObject({ failure: 'auth' });
  });

  it('names only what Odoo knows: no null travels, and a company is asked for where one is set', () => {
    const { config } = openBench({}, { protocol, companyId: '3' });
    const call = {
      model: 'stock.quant',
      method: 'search_read',
      args: { domain: [['lot_id', '=', false]], fields: ['a<b'] },
    };
    const body = bodyText(encode(config, call, 2));
    expect(body).toContain('allowed_company_ids');
    expect(body).not.toContain('null');
    if (protocol === 'xmlrpc')
      expect(readCall(body).params.slice(3)).toEqual([
        'stock.quant',
        'search_read',
        [[['lot_id', '=', false]]],
        { fields: ['a<b'], context: { allowed_company_ids: [3] } },
      ]);
  });
});

describe('XML-RPC', () => {
  it('whatever is written is read back', () => {
    const scalar = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', ' ', '<', '&', '>', '"', 'é', '\n', ']') }),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.integer({ min: -10_000_000, max: 10_000_000 }).map((value) => value / 100),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        scalar,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), tie('value'), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (params) => {
        expect(readCall(methodCall('execute_kw', params)).params).toEqual(params.map(plain));
        const response = `<methodResponse><params><param>${xmlValue(params)}</param></params></methodResponse>`;
        expect(readResponse(response)).toEqual({ value: params.map(plain) });
      }),
      { numRuns: 150 },
    );
  });

  it('digits beyond 2^53 stay, nil is nothing, a value without a type is text', () => {
    const value = (text: string) =>
      readResponse(`<methodResponse><params><param>${text}</param></params></methodResponse>`);
    expect(value('<value><i8>9007199254740993</i8></value>')).toEqual({ value: '9007199254740993' });
    expect(value('<value><nil/></value>')).toEqual({ value: null });
    expect(value('<value>plain</value>')).toEqual({ value: 'plain' });
    expect(value('<value><array><data/></array></value>')).toEqual({ value: [] });
    expect(() => xmlValue(null)).toThrow(TypeError);
  });

  it('no bytes make reading throw', () => {
    const piece = fc.constantFrom(
      '<methodResponse>',
      '<params>',
      '<param>',
      '<value>',
      '</value>',
      '<fault>',
      '<int>',
      'x',
      '&#0;',
      '<![CDATA[',
      '{"jsonrpc":1',
      'null',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const body = Buffer.from(pieces.join(''));
        expect(['value', 'error', 'fault', 'unreadable']).toContain(
          readAnswer({ status: 200, headers: {}, body }).kind,
        );
      }),
      { numRuns: 300 },
    );
  });
});

/** A negative zero is none in any protocol. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
