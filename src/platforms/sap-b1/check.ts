import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { localTime } from '../../platform/local-time.ts';
import { shaped } from './answer.ts';
import { getRequest, type SapClient, startedMs, withQuery } from './api.ts';
import { readWarehouses } from './catalogue.ts';
import type { SapConfig } from './config.ts';
import { SETS } from './documents.ts';
import { pollOrders } from './feed.ts';
import { listLevels } from './levels.ts';
import { ITEM_FIELDS, isYes, item, page } from './shapes.ts';
import { pollStock } from './stock-feed.ts';

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: SapClient, config: SapConfig): Promise<Check[]> {
  const authorization =
    'Grant it under Administration > System Initialization > Authorizations > General Authorizations.';
  return [
    await test('warehouses', `The user needs to read warehouses. ${authorization}`, async () => {
      const active = (await readWarehouses(client, config)).filter(
        ({ Inactive, DropShip }) => !isYes(Inactive) && !isYes(DropShip),
      );
      if (active.length === 0) throw new Failure('rejected', 'no-warehouse', 'No active warehouse was found.');
      const bins = active.filter(({ EnableBinLocations }) => isYes(EnableBinLocations));
      const names = active.map(({ WarehouseCode, WarehouseName }) => WarehouseName || WarehouseCode).join(', ');
      return `Warehouses: ${names}.${bins.length > 0 ? ` With bin locations, so that SAP may refuse to post there: ${bins.map(({ WarehouseCode }) => WarehouseCode).join(', ')}.` : ''}`;
    }),
    await test('items', `The user needs to read the item master data. ${authorization}`, async () => {
      const path = withQuery('/Items', { select: ITEM_FIELDS, orderby: 'ItemCode' });
      shaped(await client.call('items', getRequest(config, path, 1)), page(item), '/Items');
      await listLevels(client, config, null);
      return 'Items and their stock can be read.';
    }),
    await test('documents', `The user needs to read ${SETS.join(', ')}. ${authorization}`, async () => {
      await pollOrders(client, config, null, new Date(client.now()).toISOString());
      return 'Orders, deliveries, invoices, returns and credit memos can be read.';
    }),
    await test(
      'stock documents',
      `The user needs to read goods receipts PO, goods receipts and issues, inventory transfers and postings. ${authorization}`,
      async () => {
        await pollStock(client, config, null, new Date(client.now()).toISOString());
        return 'Documents that move stock can be read.';
      },
    ),
    await clock(client, config),
  ];
}

/** Wrong by whole hours shows; what else is wrong shows in the times of sale. */
async function clock(client: SapClient, config: SapConfig): Promise<Check> {
  const before = client.now();
  return test('clock', 'Set the clock of the SAP server by NTP, or that of this machine.', async () => {
    const path = withQuery('/Warehouses', { select: 'WarehouseCode', orderby: 'WarehouseCode' });
    const at = startedMs(client, await client.call('warehouses', getRequest(config, path, 1)), before);
    if (Math.abs(at - before) > 120_000)
      throw new Failure(
        'rejected',
        'clocks-differ',
        'The clocks of the SAP server and of this machine are more than two minutes apart.',
      );
    return `The SAP server should show ${localTime(at, config.timeZone)} now; if it does not, change the setting timeZone.`;
  });
}

async function test(name: string, next: string, work: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, found: await work() };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return {
      name,
      ok: false,
      found: error.message,
      next:
        error.code === 'login-refused'
          ? 'Put the right company database, user and password into the settings of this channel.'
          : next,
    };
  }
}
