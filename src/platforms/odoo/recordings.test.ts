import { describe, expect, it } from 'vitest';
import { bodyText, type HttpResponse } from '../../platform/http.ts';
import { classify } from './failures.ts';
import { openBench } from './testing/bench.ts';
import { recordedCalls } from './testing/recordings.ts';
import { readAnswer } from './wire.ts';

const json2 = recordedCalls('json2');
const rpc = recordedCalls('rpc');

/** Names and types, all the way down; false is an empty field of any type, empty lists say nothing. */
function shapeDifferences(ours: unknown, real: unknown, at = ''): string[] {
  if (ours === false || real === false || ours === null || real === null) return [];
  if (Array.isArray(ours) && Array.isArray(real))
    return ours.length > 0 && real.length > 0 ? shapeDifferences(ours[0], real[0], `${at}[]`) : [];
  if (typeof ours !== typeof real || Array.isArray(ours) !== Array.isArray(real))
    return [`${at}: ${typeof ours} for ${typeof real}`];
  if (typeof ours !== 'object') return [];
  const [a, b] = [ours as Record<string, unknown>, real as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((name) => {
    if (!(name in a)) return [`${at}.${name} is missing`];
    return name in b ? shapeDifferences(a[name], b[name], `${at}.${name}`) : [`${at}.${name} is ours`];
  });
}

describe('what a real Odoo 19.0 answered is read right', () => {
  const expected: Record<string, unknown> = {
    'create product': [2],
    'apply inventory': null,
    confirm: true,
    'quant after confirm': [{ id: 3, quantity: 25, reserved_quantity: 3, available_quantity: 22 }],
    'quant after cancel': [{ id: 3, quantity: 25, reserved_quantity: 0 }],
    'confirm it': true,
    'free_qty after': [{ id: 2, qty_available: 25, free_qty: 0, virtual_available: -75 }],
    'no such id': [],
    authenticate: 2,
    'authenticate, bad password': false,
    'xml-rpc read after': [{ id: 3, quantity: 9 }],
  };
  const refused: Record<string, string[]> = {
    'no such method': ['rejected', 'no-such-method'],
    'bad field': ['rejected', 'exception'],
  };

  it.each([...json2, ...rpc].map((one) => [one.label, one] as const))('%s', (label, { response }) => {
    const failure = classify(response, 'applyCount');
    expect(failure && [failure.failure, failure.code]).toEqual(refused[label]);
    // A traceback is for Odoo's own log.
    expect(failure?.message ?? '').not.toMatch(/Traceback|File "/);
    const answer = readAnswer(response);
    expect(answer.kind).toBe(label in refused ? 'error' : 'value');
    if (label in expected) expect(answer).toEqual({ kind: 'value', value: expected[label] });
  });

  it('the XML-RPC write that is done and answered with a fault is no failure', () => {
    const [written, applied] = rpc.filter(({ label }) => label.includes('fault though done'));
    expect(readAnswer(written!.response)).toEqual({ kind: 'value', value: true });
    expect(bodyText(applied!.response)).toContain('<fault>');
    expect(readAnswer(applied!.response)).toEqual({ kind: 'value', value: null });
    expect(classify(applied!.response, 'applyCount')).toBeUndefined();
  });
});

describe('the stand-in answers in the recorded shapes', () => {
  const bench = openBench();
  const ids = new Map<string, number>();
  const call = async (path: string, body: unknown): Promise<HttpResponse> =>
    bench.sandbox.handle({
      method: 'POST',
      url: `https://erp.example${path}`,
      headers: { authorization: `bearer ${bench.config.apiKey}` },
      ...(body !== null && { body: JSON.stringify(body) }),
    });
  const idIn = (text: string): number => Number((JSON.parse(text) as number[])[0]);
  /** Numbers of the recorded database in the words of this one. */
  const ours = (label: string, body: unknown): unknown => {
    const text = JSON.stringify(body)
      ?.replaceAll('"product_id":2', `"product_id":${ids.get('product')}`)
      .replace('"product_id": 2', `"product_id": ${ids.get('product')}`);
    const given = JSON.parse(text) as Record<string, unknown> | null;
    if (!given || !('ids' in given) || label === 'no such id') return given;
    const known = label === 'free_qty after' ? 'product' : /quant|inventory|bad field/.test(label) ? 'quant' : 'order';
    return { ...given, ids: [ids.get(known)] };
  };

  it('products, counts, orders, refusals: the same statuses, members and types', async () => {
    const compared: string[] = [];
    for (const { label, request, response } of json2) {
      if (label === 'apply inventory') {
        const vals = { product_id: ids.get('product'), location_id: 21, inventory_quantity: 25 };
        const counted = await call('/json/2/stock.quant/create', {
          vals_list: [vals],
          context: { inventory_mode: true },
        });
        ids.set('quant', idIn(bodyText(counted)));
      }
      // The order of three that the recording confirms was made before it begins.
      if (label === 'confirm') {
        const order_line = [[0, 0, { product_id: ids.get('product'), product_uom_qty: 3 }]];
        ids.set('order', idIn(bodyText(await call('/json/2/sale.order/create', { vals_list: [{ order_line }] }))));
      }
      const answered = await call(request.path, ours(label, request.body));
      expect(answered.status, label).toBe(response.status);
      const [a, b] = [JSON.parse(bodyText(answered)), JSON.parse(bodyText(response))];
      expect(shapeDifferences(a, b), label).toEqual([]);
      if (label.startsWith('quant after') || label === 'free_qty after')
        expect(Object.values(a[0]).slice(1), label).toEqual(Object.values(b[0]).slice(1));
      if (answered.status >= 400) expect([a.name, a.message]).toEqual([b.name, b.message]);
      if (label === 'create product') ids.set('product', idIn(bodyText(answered)));
      if (label.startsWith('create order')) ids.set('order', idIn(bodyText(answered)));
      compared.push(label);
    }
    expect(compared.length).toBe(json2.length);
  });

  it('Python prints a float with its point, and puts spaces where JSON needs none', async () => {
    const body = { ids: [ids.get('quant')], fields: ['quantity', 'reserved_quantity'] };
    const text = bodyText(await call('/json/2/stock.quant/read', body));
    expect(text).toMatch(/^\[\{"id": \d+, "quantity": 25\.0, "reserved_quantity": 25\.0\}\]$/);
  });

  it('the two RPCs: the same envelopes, the fault of a done write included', async () => {
    const quant = ids.get('quant')!;
    for (const { label, request, response } of rpc) {
      const xml = typeof request.body === 'string';
      const given = (xml ? (request.body as string) : JSON.stringify(request.body))
        .replace('<string>admin</string>', `<string>${bench.config.apiKey}</string>`)
        .replace('<int>3</int>', `<int>${quant}</int>`)
        .replaceAll('"admin","admin"', `"${bench.config.login}","${bench.config.apiKey}"`)
        .replace('"admin","bad"', `"${bench.config.login}","bad"`);
      const url = `https://erp.example${request.path}`;
      const answered = await bench.sandbox.handle({ method: 'POST', url, headers: {}, body: given });
      expect(answered.status, label).toBe(200);
      expect(answered.headers['content-type'], label).toBe(response.headers['content-type']);
      const [a, b] = [readAnswer(answered), readAnswer(response)];
      expect(shapeDifferences(a, b), label).toEqual([]);
      expect(/<fault>/.test(bodyText(answered)), label).toBe(/<fault>/.test(bodyText(response)));
      if (label === 'xml-rpc read after')
        expect(bodyText(answered)).toBe(bodyText(response).replace('>3<', `>${quant}<`));
    }
  });
});
