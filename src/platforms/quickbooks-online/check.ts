import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { companyRequest, type QboClient, query, readAs } from './api.ts';
import type { QboConfig } from './config.ts';

const company = z.object({
  CompanyInfo: z.looseObject({ CompanyName: z.string().nullish(), Country: z.string().nullish() }),
});
const account = z.looseObject({ Id: z.string(), Name: z.string().nullish(), Active: z.boolean().nullish() });

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: QboClient, config: QboConfig): Promise<Check[]> {
  return [
    await test('company', async () => {
      const path = `/companyinfo/${config.account}`;
      const { CompanyInfo: told } = readAs(
        await client.call('company', companyRequest(config, 'GET', path)),
        company,
        path,
      );
      return `${told.CompanyName ?? config.account}${told.Country ? `, ${told.Country}` : ''} can be read.`;
    }),
    await test('items', async () => {
      await query(client, config, 'items', 'Item', 'select * from Item maxresults 1', z.unknown());
      return 'Items can be read.';
    }),
    await test('sales', async () => {
      await query(client, config, 'sales', 'SalesReceipt', 'select * from SalesReceipt maxresults 1', z.unknown());
      return config.salesHere === 'count'
        ? 'Sales receipts and invoices are sales here.'
        : 'Sales made there are ignored.';
    }),
    await test('quantity adjustments', async () => {
      const text = 'select * from InventoryAdjustment maxresults 1';
      await query(client, config, 'adjustments', 'InventoryAdjustment', text, z.unknown());
      return 'The company has quantity adjustments.';
    }),
    await adjustmentAccount(client, config),
    {
      name: 'verifier token',
      ok: Boolean(config.webhookSecret),
      found: config.webhookSecret ? 'A verifier token is set.' : 'No verifier token is set: every webhook is refused.',
      ...(!config.webhookSecret && {
        next: 'Copy it from developer.intuit.com > App dashboard > Webhooks > Show verifier token into the settings.',
      }),
    },
  ];
}

async function test(name: string, work: () => Promise<string | Omit<Check, 'name'>>): Promise<Check> {
  try {
    const found = await work();
    return typeof found === 'string' ? { name, ok: true, found } : { name, ...found };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { name, ok: false, found: error.message, next: nextOf(error) };
  }
}

function nextOf({ failure, code }: Failure): string {
  if (failure === 'auth')
    return 'Connect the company again at developer.intuit.com > OAuth 2.0 Playground and paste the new refresh token.';
  if (failure === 'throttled' || failure === 'transient') return 'Try again in a minute.';
  if (code === 'not-in-plan') return 'Keep this channel in the mode "watch": it can be read and not written.';
  return 'Compare the company ID with Settings > Additional info in QuickBooks.';
}

/** Which account adjustments are booked to is the bookkeeper's choice. */
const adjustmentAccount = (client: QboClient, config: QboConfig): Promise<Check> =>
  test('adjustment account', async () => {
    // Copies of sales lower the quantities already.
    if (config.salesHere === 'ignore') return 'Nothing is written: the copies of sales lower the quantities there.';
    const text =
      "select * from Account where AccountType in ('Cost of Goods Sold', 'Expense', 'Other Expense') maxresults 1000";
    const accounts = await query(client, config, 'account', 'Account', text, account);
    const chosen = accounts.find(({ Id }) => Id === config.adjustmentAccount);
    if (chosen && chosen.Active !== false) return `Adjustments are booked to ${chosen.Name ?? chosen.Id}.`;
    const likely = accounts.filter(({ Name }) => /shrink|inventory|adjust/i.test(Name ?? ''));
    const names = (likely.length > 0 ? likely : accounts).slice(0, 8).map(({ Id, Name }) => `${Id} (${Name ?? '?'})`);
    const found = config.adjustmentAccount
      ? `The company has no cost or expense account ${config.adjustmentAccount}.`
      : 'No account is set that adjustments are booked to: nothing can be written.';
    return {
      ok: false,
      found,
      next: `Ask the bookkeeper, and put one of these into the settings: ${names.join(', ')}.`,
    };
  });
