import { afterEach, describe, expect, it } from 'vitest';
import { createBudgets } from '../../platform/budget.ts';
import { createClient } from '../../platform/client.ts';
import { bodyText, jsonResponse } from '../../platform/http.ts';
import { vendorModule } from '../../platform/testing/outside.ts';
import { realClock } from '../../runtime/clock.ts';
import { seededRandom } from '../../runtime/random.ts';
import { listen } from '../../sandbox/listen.ts';
import type { SfccConfig } from './config.ts';
import { sfcc } from './index.ts';
import { sfccSandbox } from './sandbox.ts';
import { sfccContract } from './testing/contract.ts';

const sdk = vendorModule('commerce-sdk-isomorphic');
const missing = sdk ? '' : ' (skipped: the package is not installed, run npm ci in test/vendor)';

const close: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of close.splice(0)) await end();
});

/** The stand-in on a loopback port: we write as an administrator, Salesforce's own SDK looks as a shopper. */
async function onSockets() {
  const random = seededRandom(3);
  const sandbox = sfccSandbox({
    clock: realClock,
    random,
    name: 'mugs',
    locations: [
      { id: 'site-list', name: 'Site' },
      { id: 'store-7', name: 'Store 7' },
    ],
    factor: 50,
    deliver: async () => jsonResponse(200, ''),
  });
  sandbox.seed([
    { sku: 'MUG', title: 'Mug', stock: { 'site-list': 10, 'store-7': 3 } },
    { sku: 'GIFT', title: 'A gift', stock: {}, untracked: true },
  ]);
  const answers: { url: string; text: string }[] = [];
  const api = await listen({
    async handle(request) {
      const answer = await sandbox.handle(request);
      answers.push({ url: request.url, text: bodyText(answer) });
      return answer;
    },
  });
  close.push(api.close, () => sandbox.close());
  let config = sfcc.config.parse(sandbox.config({ api: api.url, hook: '' }));
  const client = createClient<SfccConfig, never>({
    platform: sfcc as never,
    config: () => config,
    saveConfig: async (renewed) => {
      config = renewed;
    },
    transport: (request) => sandbox.handle(request),
    clock: realClock,
    random,
    budgets: createBudgets(sfcc.facts, realClock, { factor: 50 }),
  });
  const shopper = new sdk.ShopperAvailability({
    baseUri: `${api.url}/product/shopper-availability/v1`,
    headers: { authorization: 'Bearer a-shopper' },
    parameters: { organizationId: sandbox.account, siteId: 'RefArch', shortCode: 'kv7kzm78', clientId: 'shopper' },
    throwOnBadResponse: true,
  });
  return { sandbox, client: client as never, config: () => config, shopper, answers };
}

describe.skipIf(!sdk)(`Salesforce's shopper SDK reads what we wrote, over a socket${missing}`, () => {
  it('a level written by allocation is what shoppers see, in its list only', async () => {
    const { client, config, shopper, answers, sandbox } = await onSockets();
    const see = async (...inventoryIds: string[]) => {
      const { data } = await shopper.getAvailability({ parameters: { productIds: ['MUG', 'NONE'], inventoryIds } });
      return data[0].inventories.map((one: { id: string; ats: number }) => [one.id, one.ats]);
    };
    expect(await see('site-list', 'store-7')).toEqual([
      ['site-list', 10],
      ['store-7', 3],
    ]);
    const cell = { stockKey: 'MUG', location: 'site-list' };
    const [from] = await sfcc.readLevels(client, config(), [cell]);
    const asOf = new Date().toISOString();
    const [outcome] = await sfcc.pushLevels(client, config(), [
      { cell, want: 4.5, expect: 10, from, asOf, key: 'key-1', why: 'sync' },
    ]);
    expect(outcome).toMatchObject({ result: 'applied', after: 4.5 });
    expect(await see('site-list', 'store-7')).toEqual([
      ['site-list', 4.5],
      ['store-7', 3],
    ]);
    sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
    expect(await see('site-list')).toEqual([['site-list', 2.5]]);
    // The shopper's contract is published, too.
    const contract = sfccContract();
    if (contract) for (const { url, text } of answers) expect(contract('GET', url, undefined, text), url).toEqual([]);
  });

  it('asks for too much: the SDK tells the refusal', async () => {
    const { shopper } = await onSockets();
    const productIds = Array.from({ length: 25 }, (_, index) => `P${index}`);
    await expect(shopper.getAvailability({ parameters: { productIds } })).rejects.toThrow('400');
  });
});
