import { insertChannel, type Role, saveAccount } from '../store/accounts.ts';
import { listLocationRows, mapPlace } from '../store/catalogue.ts';
import { channelSettings } from './channel-settings.ts';
import { type Account, type Channel, iso } from './context.ts';
import type { Engine } from './engine.ts';
import { refreshListings } from './listings.ts';
import { UserError } from './user-error.ts';

export interface NewChannel {
  platform: string;
  name: string;
  role?: Role;
  /** Which of the account's sales are this channel's; null: all. */
  source?: string | null;
  /** As a person or the vendor gave it; checked by the platform's schema. */
  config: unknown;
  settings?: unknown;
}

/**
 * Connects a channel in mode `watch`: settings are checked and sealed, webhooks registered where the vendor allows
 * (a refusal falls back to polling and is told), places and listings imported, listings mapped where the SKU leaves no
 * doubt. Safe to repeat with new credentials for the same account.
 */
export async function addChannel(
  engine: Engine,
  input: NewChannel,
): Promise<{ channel: Channel; listings: number; mapped: number; hooks: string[] }> {
  const { context, registry, options } = engine;
  const platform = options.platforms.find((one) => one.facts.id === input.platform);
  if (!platform)
    throw new UserError(
      'unknown-platform',
      `There is no platform "${input.platform}".`,
      'See "onhand platforms" for the list.',
    );
  // Tills of an online shop share its account: two accounts would post an order twice.
  const shared = platform.facts.account;
  const home = shared ? options.platforms.find((one) => one.facts.id === shared.platform) : platform;
  if (!home)
    throw new UserError(
      'unknown-platform',
      `${platform.facts.name} needs the platform "${shared?.platform}".`,
      'Use a build that has it.',
    );
  const homeId = home.facts.id;
  const parsed = home.config.safeParse(input.config);
  if (!parsed.success)
    throw new UserError(
      'settings-invalid',
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      `What each setting is and where to find it stands in src/platforms/${input.platform}/README.md.`,
    );
  const settings = channelSettings.parse(input.settings ?? {});
  if (registry.all().some((account) => account.channels.some((channel) => channel.name === input.name)))
    throw new UserError('name-taken', `There is already a channel "${input.name}".`, 'Choose another name.');
  const at = iso(context.clock.now());
  const config = parsed.data as { account: string };
  const row = await saveAccount(context.db, {
    platform: homeId,
    key: config.account,
    config: options.box.seal(config, `${homeId}:${config.account}`),
    hookKey: options.secretToken(),
    at,
  });
  await insertChannel(context.db, {
    name: input.name,
    accountId: row.id,
    role: input.role ?? 'sells',
    source: input.source ?? shared?.source ?? null,
    settings,
    at,
  });
  await registry.reconfigure(row.id);
  const account = registry.byId(row.id)!;
  const hooks = await subscribe(engine, account);
  const imported = await refreshListings(context, account, { mapBySku: true });
  await mapPlacesByName(engine, account);
  await engine.settingsChanged();
  const channel = account.channels.find((one) => one.name === input.name)!;
  return { channel, listings: imported.listings, mapped: imported.mapped, hooks };
}

/** Registers our webhook; what the vendor hands back (a signature key) is stored. A refusal is told, not fatal: it is polled. */
async function subscribe(engine: Engine, account: Account): Promise<string[]> {
  const url = engine.hookUrl(account);
  const { platform } = account;
  // It only sends: its people were told where to when they made their settings.
  if (platform.onlySends?.(account.config)) return [];
  if (!platform.subscribe)
    return platform.facts.hooks.kind === 'none'
      ? [`${platform.facts.name} has no webhooks: it is polled.`]
      : [`Webhooks of ${platform.facts.name} are set up by hand: see its README. It is polled meanwhile.`];
  if (platform.facts.hooks.kind === 'webhook' && url === null)
    return [`${platform.facts.name} is polled: no public address is set (ONHAND_PUBLIC_URL).`];
  try {
    const { config, did } = await platform.subscribe(account.client, account.config, url ?? '');
    if (config) await engine.registry.saveConfig(account, { ...account.config, ...config });
    return did;
  } catch (error) {
    return [
      `Webhooks could not be registered (${(error as Error).message}). It is polled meanwhile; see its README for the manual steps.`,
    ];
  }
}

/** A place with the name of one of our locations stands for it; a platform with one pool for all that are sellable. */
async function mapPlacesByName(engine: Engine, account: Account): Promise<void> {
  const locations = await listLocationRows(engine.context.db);
  const places = [...account.places.values()];
  for (const place of places) {
    if (place.locationIds.length > 0) continue;
    const same = locations.filter((location) => location.name === place.name).map((location) => location.id);
    const all = places.length === 1 ? locations.filter((one) => one.sellable).map((one) => one.id) : [];
    const ids = same.length > 0 ? same : all;
    if (ids.length > 0) await mapPlace(engine.context.db, account.row.id, place.remote, ids);
  }
  await engine.registry.reload();
}
