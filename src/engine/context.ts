import type { Budgets, SavedBudgets } from '../platform/budget.ts';
import type { AnyPlatform, Client } from '../platform/contract.ts';
import type { Transport } from '../platform/http.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { AccountRow, ChannelRow } from '../store/accounts.ts';
import type { PlaceRow } from '../store/catalogue.ts';
import type { Database } from '../store/database.ts';
import type { ChannelSettings } from './channel-settings.ts';

/** What every use case is handed: nothing here is read from the machine. */
export interface EngineContext {
  db: Database;
  clock: Clock;
  random: Random;
  transport: Transport;
  log: Log;
  accounts: AccountRegistry;
  events: EngineEvents;
  /** Clocks of platforms and ours are taken to agree within this. */
  skewMs: number;
}

export interface Log {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** What the pages and the event stream hear. Best effort; the store is the truth. */
export interface EngineEvents {
  emit(event: EngineEvent): void;
}

export type EngineEvent =
  | { kind: 'posted'; accountId: number; doc: string; items: number[]; at: string }
  | {
      kind: 'pushed';
      accountId: number;
      cellId: number;
      value: number;
      result: string;
      at: string;
      heardAt: string | null;
    }
  | { kind: 'channel'; channelId: number; mode: string; at: string }
  | { kind: 'notice'; code: string; text: string; at: string };

export interface Channel extends Omit<ChannelRow, 'settings'> {
  settings: ChannelSettings;
}

/** One connected account: its platform, its settings in the clear, its client. Lives in memory only. */
export interface Account {
  row: AccountRow;
  platform: AnyPlatform;
  config: { account: string } & Record<string, unknown>;
  client: Client;
  /** What the account may still ask of its platform; travels with the lease of its lane. */
  budgets: Budgets;
  channels: Channel[];
  /** By the platform's id of the place. */
  places: Map<string, PlaceRow>;
}

export interface AccountRegistry {
  all(): Account[];
  byId(id: number): Account | undefined;
  byHookKey(platform: string, hookKey: string): Account | undefined;
  byKey(platform: string, key: string): Account | undefined;
  /** An authentic delivery arrived: the watchdog's sign of life. */
  heard(id: number, at: number): void;
  /** A delivery was refused. */
  refused(id: number, why: string): void;
  /** The catalogue of this account changed: it is listed again soon. */
  listingsChanged(id: number): void;
  /** The lane was taken over: what its last holder may have spent counts as spent. */
  takeOver(account: Account, saved: SavedBudgets): void;
  /** Reads accounts, channels and places again. */
  reload(): Promise<void>;
}

/** ISO text of the engine's clock. */
export const iso = (ms: number): string => new Date(ms).toISOString();
