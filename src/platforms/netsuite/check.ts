import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { listLocations } from './catalogue.ts';
import type { NetsuiteConfig } from './config.ts';
import { listLevels } from './levels.ts';
import { type NetsuiteClient, suiteql } from './suiteql.ts';

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: NetsuiteClient, config: NetsuiteConfig): Promise<Check[]> {
  return [
    await test('locations', 'Grant the role Lists > Locations: View.', async () => {
      const open = (await listLocations(client, config)).filter(({ active }) => active);
      if (open.length === 0) throw new Failure('rejected', 'no-location', 'No active location was found.');
      return `Locations: ${open.map(({ name }) => name).join(', ')}.`;
    }),
    await test('items', 'Grant the role Lists > Items: View and Reports > SuiteAnalytics Workbook.', async () => {
      await suiteql(
        client,
        config,
        'items',
        'SELECT id, itemid, islotitem, isserialitem, usebins FROM item ORDER BY id',
        1,
      );
      return 'Items can be read.';
    }),
    await test(
      'levels',
      'Grant the role Lists > Items and Locations: View, or read levels by the RESTlet (see the guide).',
      async () => {
        await listLevels(client, config, null);
        return 'Levels can be read.';
      },
    ),
    await test(
      'transactions',
      'Grant the role Transactions: Sales Order, Item Fulfillment, Cash Sale, Invoice, Item Receipt: View.',
      () => quantities(client, config),
    ),
    {
      name: 'adjustment account',
      ok: Boolean(config.adjustmentAccount),
      found: config.adjustmentAccount
        ? `Inventory adjustments are posted to the account ${config.adjustmentAccount}.`
        : 'No adjustment account is set: nothing can be written.',
      ...(!config.adjustmentAccount && {
        next: 'Put the internal ID of an account (Lists > Accounting > Accounts) into the settings of this channel.',
      }),
    },
    {
      name: 'signing secret',
      ok: Boolean(config.webhookSecret),
      found: config.webhookSecret ? 'A signing secret is set.' : 'No signing secret is set: every event is refused.',
      ...(!config.webhookSecret && {
        next: 'Make a secret under Setup > Company > API Secrets, allow it for the Onhand scripts, and put its value into the settings.',
      }),
    },
  ];
}

/** Oracle documents no sign for quantities in SuiteQL; accounts have been seen to print sales as negative. */
async function quantities(client: NetsuiteClient, config: NetsuiteConfig): Promise<string> {
  const wrongSign = config.salesQuantities === 'negative' ? '>' : '<';
  const sales =
    "FROM transaction t JOIN transactionline tl ON tl.transaction = t.id WHERE t.type = 'SalesOrd' AND tl.mainline = 'F' AND tl.taxline = 'F' AND tl.item IS NOT NULL";
  const asked = (sign: string) =>
    suiteql(client, config, 'probe', `SELECT tl.uniquekey, tl.quantity ${sales} AND tl.quantity ${sign} 0`, 5);
  const wrong = await asked(wrongSign);
  const right = wrong.rows.length === 0 ? wrong : await asked(wrongSign === '>' ? '<' : '>');
  if (wrong.rows.length > right.rows.length)
    throw new Failure(
      'rejected',
      'wrong-sign',
      `Sales are printed with the other sign here than the setting says (${config.salesQuantities}). Change "salesQuantities".`,
    );
  return 'Transactions can be read.';
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
      next: error.failure === 'auth' ? `${error.message} ${next}` : next,
    };
  }
}
