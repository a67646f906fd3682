import { describe, expect, it } from 'vitest';
import { bodyText, type HttpRequest } from '../../platform/http.ts';
import { batchAnswers } from './batch.ts';
import { listListings } from './catalogue.ts';
import { check } from './check.ts';
import { pollOrders } from './feed.ts';
import { findPush } from './find-push.ts';
import { readLevels } from './levels.ts';
import { fetchDocument } from './orders.ts';
import { pushLevels } from './push.ts';
import { pollStock } from './stock-feed.ts';
import { MAIN, openBench, SHOP, target } from './testing/bench.ts';
import { serviceLayerModel } from './testing/service-layer.ts';

const model = serviceLayerModel();
const missing = model ? '' : ' (skipped: the published files are not there)';

const ENTITIES: Record<string, string> = {
  Items: 'Item',
  Warehouses: 'Warehouse',
  Orders: 'Document',
  DeliveryNotes: 'Document',
  Invoices: 'Document',
  Returns: 'Document',
  CreditNotes: 'Document',
  InventoryGenExits: 'Document',
  InventoryGenEntries: 'Document',
  InventoryPostings: 'InventoryPosting',
  PurchaseDeliveryNotes: 'Document',
  StockTransfers: 'StockTransfer',
};
const entityOf = (path: string): string => ENTITIES[/\/b1s\/v2\/(\w+)/.exec(path)?.[1] ?? ''] ?? `none for ${path}`;

/** Everything the connector asks in a life of orders and writes, against the stand-in. */
async function everything() {
  const bench = openBench(undefined, { branch: 1, increaseAccount: '_SYS1', decreaseAccount: '_SYS2' });
  const { shopper } = bench.sandbox;
  const bought = shopper.buy({ lines: [{ sku: 'MUG', quantity: 3 }], location: null });
  shopper.buy({ lines: [{ sku: 'HAT', quantity: 1 }], location: SHOP });
  if (!bought.ok) throw new Error(bought.why);
  shopper.fulfil(bought.order, [{ sku: 'MUG', quantity: 2 }]);
  shopper.refund(bought.order, { sku: 'MUG', quantity: 1 }, true);
  await bench.run(async (client, config) => {
    await check(client, config);
    await listListings(client, config, null);
    await listListings(client, config, 'HAT');
    await readLevels(client, config, [{ stockKey: 'MUG', location: MAIN }]);
    const page = await pollOrders(client, config, null, new Date(bench.now()).toISOString());
    await pollOrders(client, config, page.cursor, '');
    await fetchDocument(client, config, 'delivery:1');
    const targets = [
      target('MUG', MAIN, 2, 8),
      target('HAT', MAIN, 12, 10),
      target('CAP', SHOP, 4, 10, { why: 'count' }),
    ];
    await pushLevels(client, config, targets);
    bench.sandbox.staff.receive('MUG', MAIN, 5);
    bench.sandbox.staff.transfer('HAT', MAIN, SHOP, 2);
    await pollStock(client, config, null, new Date(bench.now()).toISOString());
    for (const one of targets) expect(await findPush(client, config, one)).toMatchObject({ result: 'applied' });
  });
  return bench;
}

/** Single requests and the parts of batches, each with its answer. */
function calls(bench: Awaited<ReturnType<typeof everything>>) {
  return bench.exchanges.flatMap(({ request, response }) => {
    if (!request.url.endsWith('$batch')) return [{ method: request.method, url: request.url, request, response }];
    const urls = [...bodyText(request).matchAll(/^GET (\S+) HTTP/gm)].map(
      ([, path]) => `https://sap.test:50000${path}`,
    );
    return batchAnswers(response)!.map((answer, index) => ({
      method: 'GET',
      url: urls[index]!,
      request: undefined as HttpRequest | undefined,
      response: answer,
    }));
  });
}

describe.skipIf(!model)(`the published surface of the Service Layer${missing}`, () => {
  it('has every path, every member that is asked for, and every document that is written', async () => {
    const bench = await everything();
    const seen = new Set<string>();
    const faults: string[] = [];
    for (const { method, url, request, response } of calls(bench)) {
      const { pathname, searchParams } = new URL(url);
      expect(response.status, `${method} ${url}`).toBeLessThan(300);
      if (pathname.endsWith('/Login')) {
        expect(model!.loginMembers()).toEqual(expect.arrayContaining(Object.keys(JSON.parse(bodyText(request!)))));
        continue;
      }
      const entity = entityOf(pathname);
      seen.add(`${method} ${/\/b1s\/v2\/(\w+)/.exec(pathname)![1]}`);
      const asked = ['$select', '$filter', '$orderby'].flatMap((name) =>
        [...(searchParams.get(name) ?? '').replaceAll(/'[^']*'/g, '').matchAll(/\b[A-Z]\w+/g)].map(
          ([member]) => member,
        ),
      );
      for (const member of asked) if (!model!.has(entity, member)) faults.push(`${entity} has no ${member} (${url})`);
      const body = JSON.parse(bodyText(response));
      for (const row of body.value ?? [body]) faults.push(...model!.faults(entity, row));
      if (method !== 'POST') continue;
      const sent = JSON.parse(bodyText(request!));
      const [lines, line] =
        entity === 'Document' ? ['DocumentLines', 'DocumentLine'] : ['InventoryPostingLines', 'InventoryPostingLine'];
      faults.push(...model!.faults(entity, sent));
      faults.push(...model!.readOnly(entity, sent).map((name) => `${entity}.${name} is read-only`));
      for (const row of sent[lines!])
        faults.push(...model!.readOnly(line!, row).map((name) => `${line}.${name} is read-only`));
    }
    expect([...new Set(faults)]).toEqual([]);
    expect([...seen].sort()).toEqual([
      'GET CreditNotes',
      'GET DeliveryNotes',
      'GET InventoryGenEntries',
      'GET InventoryGenExits',
      'GET InventoryPostings',
      'GET Invoices',
      'GET Items',
      'GET Orders',
      'GET PurchaseDeliveryNotes',
      'GET Returns',
      'GET StockTransfers',
      'GET Warehouses',
      'POST InventoryGenEntries',
      'POST InventoryGenExits',
      'POST InventoryPostings',
    ]);
  });

  it('finds what is wrong', () => {
    expect(
      model!.faults('Document', { DocEntry: 'x', Cancelled: 'maybe', NoSuch: 1, DocumentLines: [{ Quantity: '2' }] }),
    ).toHaveLength(4);
    expect(model!.readOnly('ItemWarehouseInfo', { InStock: 3, WarehouseCode: '01' })).toContain('InStock');
    expect(model!.readOnly('InventoryPostingLine', { InWarehouseQuantity: 3 })).toContain('InWarehouseQuantity');
  });
});
