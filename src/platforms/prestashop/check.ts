import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { PrestaConfig } from './config.ts';
import type { PrestaOp } from './facts.ts';
import { productsAfter } from './products.ts';
import { apiRequest, type PrestaClient } from './request.ts';
import { readShop } from './shop.ts';
import { answer } from './xml.ts';

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: PrestaClient, config: PrestaConfig): Promise<Check[]> {
  const list = (op: PrestaOp, path: string, names: string, one: string) => async () =>
    void answer(
      await client.call(op, apiRequest(config, 'GET', `/${path}`, { display: '[id]', limit: 1 })),
      names,
      one,
    );
  return [
    await test('products', 'Products can be read.', async () => void (await productsAfter(client, config, null))),
    await test(
      'combinations',
      'Combinations can be read.',
      list('combinations', 'combinations', 'combinations', 'combination'),
    ),
    await test('orders', 'Orders can be read.', list('orders', 'orders', 'orders', 'order')),
    await test(
      'order lines',
      'Their lines can be read.',
      list('details', 'order_details', 'order_details', 'order_detail'),
    ),
    await test(
      'order histories',
      'Their past states can be read.',
      list('histories', 'order_histories', 'order_histories', 'order_history'),
    ),
    await test('credit slips', 'Credit slips can be read.', list('slips', 'order_slip', 'order_slips', 'order_slip')),
    await test(
      'shops and states',
      'Shops and order states can be read.',
      async () => void (await readShop(client, config, 0)),
    ),
    await test('write permission', 'The key may write stock.', () => mayWrite(client, config)),
    await releasedStates(client, config),
    {
      name: 'webhook secret',
      ok: Boolean(config.webhookSecret),
      found: config.webhookSecret
        ? 'A secret for the module in the shop is set.'
        : 'No secret is set: orders are found by polling, and every webhook is refused.',
      ...(!config.webhookSecret && {
        next: 'Install the module of the README, make up a long secret, and put the same into its settings and these.',
      }),
    },
  ];
}

/** An element without an id cannot be saved; who may not write is told so before that. */
async function mayWrite(client: PrestaClient, config: PrestaConfig): Promise<void> {
  const nothing = '<prestashop><stock_available></stock_available></prestashop>';
  try {
    await client.call('probe', apiRequest(config, 'PUT', '/stock_availables', {}, nothing));
  } catch (error) {
    if (!(error instanceof Failure && (error.failure === 'rejected' || error.failure === 'gone'))) throw error;
  }
}

/** Which states put goods back is the shop's own choice: a wrong one would count cancelled orders as sold. */
async function releasedStates(client: PrestaClient, config: PrestaConfig): Promise<Check> {
  const name = 'released states';
  const query = { display: '[name,value]', 'filter[name]': '[PS_OS_CANCELED|PS_OS_ERROR]' };
  try {
    const rows = answer(
      await client.call('configurations', apiRequest(config, 'GET', '/configurations', query)),
      'configurations',
      'configuration',
    );
    const real = [...new Set(rows.flatMap(({ value }) => value ?? []))].sort();
    if (real.every((state) => config.releasedStates.includes(state)))
      return { name, ok: true, found: `Goods are back on sale in the states ${config.releasedStates.join(', ')}.` };
    return {
      name,
      ok: false,
      found: `The shop puts goods back in the states ${real.join(', ')}, the settings say ${config.releasedStates.join(', ')}.`,
      next: `Write ${real.join(', ')} into the setting "releasedStates".`,
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return {
      name,
      ok: error.code === 'no-right',
      found:
        error.code === 'no-right'
          ? `Not compared: the key may not read "configurations". The settings say ${config.releasedStates.join(', ')}.`
          : error.message,
      ...(error.code !== 'no-right' && { next: nextOf(error) }),
    };
  }
}

async function test(name: string, good: string, work: () => Promise<void>): Promise<Check> {
  try {
    await work();
    return { name, ok: true, found: good };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { name, ok: false, found: error.message, next: nextOf(error) };
  }
}

function nextOf({ failure }: Failure): string {
  if (failure === 'auth')
    return 'Under Advanced Parameters > Webservice enable the webservice, and tick the rights of the README for the key.';
  if (failure === 'throttled' || failure === 'transient')
    return 'Try again in a minute; if it stays, ask whoever hosts the shop.';
  return 'Check the address of the shop: exactly what the browser shows, https and www included.';
}
