import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodyText } from '../../platform/http.ts';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { push, targetsFor, writableLevels } from '../../platform/testing/pushing.ts';
import type { SfccConfig } from './config.ts';
import { sfcc } from './index.ts';
import { sfccContract } from './testing/contract.ts';
import { withStock } from './testing/models.ts';
import { scripted, settings } from './testing/scripted.ts';

const contract = sfccContract();
const missing = contract ? '' : ' (skipped: the reference material or ajv is not there)';

/** Everything that the connector asks for in a day, with what came back. */
async function day(stock: SfccConfig['stock']) {
  const bench = await Bench.open(withStock(stock), { items: 8 });
  const traffic: { op: string; problems: string[] | undefined }[] = [];
  bench.line = async (op, carry, request) => {
    const answer = await carry();
    const good = answer.status === 200 ? bodyText(answer) : undefined;
    const body = request.body === undefined ? undefined : bodyText(request);
    if (!request.url.endsWith('/access_token'))
      traffic.push({ op, problems: contract!(request.method, request.url, body, good) });
    return answer;
  };
  await bench.run((client, config) => sfcc.check(client, config as never));
  const levels = (await writableLevels(bench)).slice(0, 6);
  const { shopper } = bench.sandbox;
  const orders = [0, 1, 2].map((index) => {
    const bought = shopper.buy({
      lines: [
        { sku: skuOf(index), quantity: 2 },
        { sku: skuOf(index + 1), quantity: 1 },
      ],
      location: null,
      paid: index !== 2,
    });
    return bought.ok ? bought.order : '';
  });
  shopper.fulfil(orders[0]!, [{ sku: skuOf(0), quantity: 2 }]);
  shopper.cancel(orders[1]!);
  await bench.settle();
  await bench.pollUntilComplete();
  await push(
    bench,
    await targetsFor(
      bench,
      levels.map((level) => ({ level, want: 4.125 })),
    ),
  );
  bench.close();
  return traffic;
}

describe.skipIf(!contract)(`the published contracts${missing}`, () => {
  it.each(['inventory-lists', 'omnichannel'] as const)('every request and answer keeps to them: %s', async (stock) => {
    const traffic = await day(stock);
    const wrong = traffic.flatMap(({ op, problems }) =>
      (problems ?? ['no contract knows it']).map((one) => `${op}: ${one}`),
    );
    expect([...new Set(wrong)]).toEqual([]);
    const writes =
      stock === 'omnichannel'
        ? ['availability', 'readAvailability', 'writeAvailability']
        : ['lists', 'records', 'record', 'writeRecord'];
    expect(new Set(traffic.map(({ op }) => op))).toEqual(new Set(['orders', 'order', 'products', ...writes]));
  });

  it('notices what is not in them', () => {
    const lists = 'https://x.test/s/-/dw/data/v25_6/inventory_lists';
    expect(contract!('GET', `${lists}?begin=1`, undefined, undefined)).toEqual(['the query begin is not known']);
    expect(
      contract!('PATCH', `${lists}/a/product_inventory_records/b`, '{"allocation":{"amount":"4"}}', undefined),
    ).not.toEqual([]);
    expect(contract!('GET', `${lists}/a/records`, undefined, undefined)?.[0]).toContain('no operation');
    const batch = 'https://x.test/inventory/availability/v1/organizations/t/availability-records/actions/batch-update';
    expect(contract!('POST', batch, '{"records":[{"id":"1","sku":"A B","location":"w1"}]}', undefined)).not.toEqual([]);
  });
});

describe('the vendor’s example', () => {
  it('Salesforce’s own example of an order is read', async () => {
    const example = JSON.parse(readFileSync(new URL('./fixtures/order.json', import.meta.url), 'utf8'));
    const { client } = scripted(() => example);
    const doc = await sfcc.fetchDocument(client, settings(), 'order:RefArch/00000410');
    expect(doc).toMatchObject({
      rev: '2020-11-04T14:13:31.061Z',
      saleAt: '2015-05-19T15:23:18.000Z',
      paid: false,
      state: 'new',
      lines: [
        {
          line: '99e96c7f8b46b98de2bae5d778',
          listing: '701643632930',
          parts: [{ location: null, committed: 1, out: 0, returned: 0, taken: 1 }],
        },
      ],
    });
  });
});
