import { createBudgets, type SavedBudgets } from '../platform/budget.ts';
import { createClient } from '../platform/client.ts';
import type { AnyPlatform, Delivery } from '../platform/contract.ts';
import type { SealedBox } from '../runtime/sealed-box.ts';
import { type AccountRow, listAccounts, listChannels, saveAccountConfig } from '../store/accounts.ts';
import { listPlaces } from '../store/catalogue.ts';
import { channelSettings } from './channel-settings.ts';
import type { Account, AccountRegistry, EngineContext } from './context.ts';

/** When an account was last heard of, for the watchdog and the health page. */
export interface SignOfLife {
  heardAt: number | null;
  refused: { count: number; why: string } | null;
}

/** Connected accounts in memory: settings opened, clients made once per account so that budgets are shared. */
export class Registry implements AccountRegistry {
  private accounts = new Map<number, Account>();
  private life = new Map<number, SignOfLife>();
  /** Set by the engine: what to do when an account's catalogue changed. */
  onListingsChanged: (id: number) => void = () => {};

  constructor(
    private readonly platforms: Map<string, AnyPlatform>,
    private readonly box: SealedBox,
    private readonly context: () => EngineContext,
    private readonly clients: { unlimited?: boolean; refuseStandIns?: boolean },
  ) {}

  all = () => [...this.accounts.values()];
  byId = (id: number) => this.accounts.get(id);
  byHookKey = (platform: string, hookKey: string) =>
    this.all().find((one) => one.platform.facts.id === platform && one.row.hookKey === hookKey);
  byKey = (platform: string, key: string) =>
    this.all().find((one) => one.platform.facts.id === platform && one.row.key === key);
  /** One entrance per app: the body names the account, which only chooses whose secret to check with. */
  forDelivery(platform: string, delivery: Delivery): Account | undefined {
    const accounts = this.all().filter((one) => one.platform.facts.id === platform && one.platform.facts.hooks.perApp);
    const named = accounts[0]?.platform.accountOf?.(delivery);
    return accounts.find((one) => one.row.key === named) ?? (named === undefined ? accounts[0] : undefined);
  }
  listingsChanged = (id: number) => this.onListingsChanged(id);

  heard(id: number, at: number): void {
    this.life.set(id, { heardAt: at, refused: null });
  }

  refused(id: number, why: string): void {
    const life = this.lifeOf(id);
    this.life.set(id, { ...life, refused: { count: (life.refused?.count ?? 0) + 1, why } });
  }

  lifeOf(id: number): SignOfLife {
    return this.life.get(id) ?? { heardAt: null, refused: null };
  }

  async reload(): Promise<void> {
    const { db } = this.context();
    const [rows, channels, places] = [await listAccounts(db), await listChannels(db), await listPlaces(db)];
    const there = new Set(rows.map((row) => row.id));
    for (const id of this.accounts.keys()) if (!there.has(id)) this.accounts.delete(id);
    for (const row of rows) {
      const known = this.accounts.get(row.id);
      const account = known ?? this.connect(row);
      if (!account) continue;
      account.row = row;
      account.channels = channels
        .filter((channel) => channel.accountId === row.id)
        .map((channel) => ({ ...channel, settings: channelSettings.parse(channel.settings) }));
      account.places = new Map(
        places.filter((place) => place.accountId === row.id).map((place) => [place.remote, place]),
      );
      this.accounts.set(row.id, account);
    }
  }

  /**
   * Settings were replaced by a person: opened again. The account stays the same object, for its lane works with it: another
   * one would have channels, secrets and budgets of its own.
   */
  async reconfigure(id: number): Promise<void> {
    const known = this.accounts.get(id);
    const row = known && (await listAccounts(this.context().db)).find((one) => one.id === id);
    if (row) known.config = known.platform.config.parse(this.box.open(row.config, `${row.platform}:${row.key}`));
    await this.reload();
  }

  /** New secrets are durable before they are used: some refresh tokens work once. */
  async saveConfig(account: Account, config: Account['config']): Promise<void> {
    const { row } = account;
    await saveAccountConfig(this.context().db, row.id, this.box.seal(config, `${row.platform}:${row.key}`));
    account.config = config;
  }

  private connect(row: AccountRow): Account | undefined {
    const context = this.context();
    const platform = this.platforms.get(row.platform);
    if (!platform) {
      context.log.error(
        { platform: row.platform },
        'a connected account belongs to a platform this version does not have',
      );
      return undefined;
    }
    const opened = this.box.open(row.config, `${row.platform}:${row.key}`);
    const account: Account = {
      row,
      platform,
      config: platform.config.parse(opened),
      client: undefined as never,
      budgets: undefined as never,
      channels: [],
      places: new Map(),
    };
    this.openClient(account);
    return account;
  }

  takeOver(account: Account, saved: SavedBudgets): void {
    this.openClient(account, saved);
  }

  /** Client and budgets belong together: one budget per account, shared by whoever calls. */
  private openClient(account: Account, saved?: SavedBudgets): void {
    const context = this.context();
    account.budgets = createBudgets(account.platform.facts, context.clock, {
      unlimited: this.clients.unlimited ?? false,
      ...(saved && { saved }),
    });
    account.client = createClient({
      platform: account.platform,
      config: () => account.config,
      saveConfig: (config: Account['config']) => this.saveConfig(account, config),
      transport: context.transport,
      clock: context.clock,
      random: context.random,
      budgets: account.budgets,
      refuseStandIns: this.clients.refuseStandIns ?? false,
    });
  }
}
