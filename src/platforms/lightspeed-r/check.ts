import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type LightspeedClient, page, record, rowsOf, word } from './api.ts';
import { listLocations } from './catalogue.ts';
import { apiHost, type LightspeedConfig } from './config.ts';
import type { LightspeedOp } from './facts.ts';

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: LightspeedClient, config: LightspeedConfig): Promise<Check[]> {
  const { data } = await ask(client, 'account', { method: 'GET', url: `${apiHost(config)}/API/V3/Account.json` });
  const accounts = rowsOf(data['Account']).map((row) => record(row) ?? {});
  const ids = accounts.flatMap((one) => word.safeParse(one['accountID']).data ?? []);
  const same = ids.includes(config.account);
  const renewable = Boolean(config.refreshToken);
  return [
    {
      name: 'account',
      ok: same,
      found: `The token belongs to account ${ids.join(', ') || 'that it does not name'}.`,
      ...(!same && {
        next: `Write ${ids[0] ?? 'that number'} as the account ID, or use a token of ${config.account}.`,
      }),
    },
    // Lightspeed answers questions about another account with a refusal: nothing more can be learnt then.
    ...(same
      ? [
          await may(client, config, 'items', 'items', 'Item', 'employee:inventory'),
          await may(client, config, 'sales', 'sales', 'Sale', 'employee:register_read'),
          await shops(client, config),
        ]
      : []),
    {
      name: 'renewal',
      ok: renewable,
      found: renewable ? 'The token can be renewed.' : 'The access token ends within the hour, and nothing renews it.',
      ...(!renewable && { next: 'Give the refresh token, client ID and client secret as well.' }),
    },
  ];
}

async function may(
  client: LightspeedClient,
  config: LightspeedConfig,
  name: string,
  op: LightspeedOp,
  list: string,
  scope: string,
): Promise<Check> {
  const allowed = await page(client, config, op, { name: list, query: { limit: '1' } }, null).then(
    () => true,
    (error: unknown) => {
      // The account itself was told with this token, so it is the scope: renewing, where it was tried, changed nothing.
      if (error instanceof Failure && error.failure === 'auth') return false;
      throw error;
    },
  );
  return {
    name,
    ok: allowed,
    found: allowed ? `May read ${name}.` : `May not read ${name}.`,
    ...(!allowed && {
      next: `Authorize again with the scope ${scope}, as an employee who may see ${name} in Lightspeed itself.`,
    }),
  };
}

async function shops(client: LightspeedClient, config: LightspeedConfig): Promise<Check> {
  const open = (await listLocations(client, config)).filter(({ active }) => active);
  return {
    name: 'shops',
    ok: open.length > 0,
    found: open.length > 0 ? `Shops: ${open.map(({ name }) => name).join(', ')}.` : 'No shop is open.',
    ...(open.length === 0 && { next: 'Add a shop in Lightspeed under Settings > Shop setup.' }),
  };
}
