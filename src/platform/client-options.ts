import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { Budgets } from './budget.ts';
import type { Platform } from './contract.ts';
import type { Transport } from './http.ts';
import type { Redaction } from './redaction.ts';

/** Told to wait longer than this, a call fails with that time instead of hanging. */
export const PATIENCE_MS = 60_000;
export const BACKOFF_MS_MAX = 30_000;

/** The parts of a platform that a client needs. */
export type ClientPlatform<Config extends { account: string }, Op extends string> = Pick<
  Platform<Config, Op>,
  'facts' | 'config' | 'authorize' | 'classify' | 'readBudget' | 'expiresAt' | 'renew'
>;

/** One try of one call, without a secret in it. */
export interface CallEvent {
  op: string;
  method: string;
  url: string;
  /** 1 is the first. */
  tries: number;
  /** From leaving the queue until the answer, milliseconds. */
  tookMs: number;
  status?: number;
  /** `throttled:rate-limited`; absent when good. */
  failure?: string;
}

/** One exchange, without a secret in it: bodies as text. */
export interface Exchange {
  op: string;
  at: string;
  request: ReturnType<Redaction['request']>;
  /** Absent when no whole answer came. */
  response?: ReturnType<Redaction['response']>;
  lost?: string;
}

export interface ClientOptions<Config extends { account: string }, Op extends string> {
  platform: ClientPlatform<Config, Op>;
  /** Asked before every try: settings change under a running client. */
  config: () => Config;
  /** Must be durable when it resolves; the new secrets are used only then. */
  saveConfig?: (config: Config) => Promise<void>;
  transport: Transport;
  clock: Clock;
  random: Random;
  /** The account's own, shared by all its clients. */
  budgets: Budgets;
  log?: (event: CallEvent) => void;
  record?: (exchange: Exchange) => void;
  /** true: an answer of one of our stand-ins is refused, so that a real business never sells on one by mistake. */
  refuseStandIns?: boolean;
  /** Ends every call: those not sent yet are `transient`, those under way have an unknown outcome if they write. */
  signal?: AbortSignal;
}
