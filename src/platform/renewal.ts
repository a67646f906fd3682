import type { ClientOptions } from './client-options.ts';
import type { Client } from './contract.ts';
import { Failure } from './failure.ts';
import { cleanFailure, redaction } from './redaction.ts';

/** Keeps one client's secrets fresh. Work is shared per account, through its budgets. */
export interface Renewal<Config> {
  /** The newest config there is. */
  config: () => Config;
  /** Would {@link freshen} renew now? Asked once a call may leave: it may have waited for hours. */
  isDue(): boolean;
  /** Renews secrets that end within a minute. @throws Failure when they have ended and cannot be renewed. */
  freshen(): Promise<void>;
  /**
   * The platform refused these secrets.
   * @returns true: there are others now, send again. false: there is nothing to renew.
   */
  afterRefusal(refused: Config): Promise<boolean>;
}

/** Secrets are renewed this long before they end. */
const MARGIN_MS = 60_000;
/** After a renewal ahead of time failed, the old secrets are used this long before the next try. */
const PAUSE_MS = 10_000;
const SAVE_TRIES = 5;

/** What clients of one account must agree on; kept by the account's budgets, which they share. */
interface Shared<Config> {
  /** Renewed, but not known to be stored yet: a single-use token is spent, so it must be stored, never renewed again. */
  unsaved?: Renewed<Config>;
  /** Stands in for the old one until the settings' owner hands out the new one. */
  stored?: Renewed<Config>;
  failedAt?: number;
  /** How long the secrets last that were renewed last. */
  lifetimeMs?: number;
}

interface Renewed<Config> {
  /** The settings it was made from, as text. */
  from: string;
  to: Config;
}

const shared = new WeakMap<object, Shared<unknown>>();

export function createRenewal<Config extends { account: string }, Op extends string>(
  options: ClientOptions<Config, Op>,
  clientFor: (config: Config) => Client<Op>,
): Renewal<Config> {
  const { platform, budgets, clock } = options;
  const state = (shared.get(budgets) ?? {}) as Shared<Config>;
  shared.set(budgets, state);

  const config = (): Config => {
    const given = options.config();
    return state.stored && state.stored.from === JSON.stringify(given) ? state.stored.to : given;
  };

  const save = async (renewed: Config): Promise<void> => {
    for (let tries = 1; ; tries++) {
      try {
        return await options.saveConfig?.(renewed);
      } catch (error) {
        if (tries < SAVE_TRIES) await clock.sleep((200 * 2 ** tries) / budgets.factor, options.signal);
        else {
          const clean = redaction(platform.config, [renewed, options.config()]);
          throw new Failure('transient', 'renewed-not-stored', 'New secrets could not be stored; trying again.', {
            cause: new Error(clean.text(error instanceof Error ? error.message : String(error))),
          });
        }
      }
    }
  };

  const fresh = async (): Promise<Renewed<Config>> => {
    const from = JSON.stringify(options.config());
    const old = config();
    try {
      return { from, to: await platform.renew!(clientFor(old), old) };
    } catch (error) {
      const clean = redaction(platform.config, [old]);
      if (error instanceof Failure) throw cleanFailure(error, clean);
      const text = clean.text(error instanceof Error ? error.message : String(error));
      throw new Failure('transient', 'not-renewed', `The secrets could not be renewed: ${text}`);
    }
  };

  const renewOnce = () =>
    budgets.once('renew', async () => {
      state.unsaved ??= await fresh();
      const renewed = state.unsaved;
      await save(renewed.to);
      state.stored = renewed;
      const endsAt = platform.expiresAt?.(renewed.to);
      state.lifetimeMs = endsAt === undefined ? undefined : endsAt - clock.now();
      state.unsaved = undefined;
    });

  /** Never more than half of their life: secrets that live for less than the margin would be renewed without end. */
  const marginMs = () => Math.min(MARGIN_MS / budgets.factor, (state.lifetimeMs ?? Number.POSITIVE_INFINITY) / 2);

  const due = (): boolean => {
    if (!platform.renew) return false;
    if (state.unsaved !== undefined) return true;
    const endsAt = platform.expiresAt?.(config());
    const now = clock.now();
    if (endsAt === undefined || now < endsAt - marginMs()) return false;
    // A renewal ahead of time that failed just now is not tried again at once, while the old secrets still work.
    return now >= endsAt || state.failedAt === undefined || now >= state.failedAt + PAUSE_MS / budgets.factor;
  };

  return {
    config,
    isDue: due,
    async freshen() {
      if (!due()) return;
      if (state.unsaved !== undefined) return renewOnce();
      const now = clock.now();
      const valid = now < (platform.expiresAt?.(config()) ?? Number.POSITIVE_INFINITY);
      try {
        await renewOnce();
        state.failedAt = undefined;
      } catch (error) {
        // Renewed and not stored must not be passed over: the old secrets may be dead already.
        if (!valid || state.unsaved !== undefined) throw error;
        state.failedAt = now;
      }
    },
    async afterRefusal(refused) {
      // Somebody renewed while this call was under way.
      if (JSON.stringify(config()) !== JSON.stringify(refused)) return true;
      if (!platform.renew) return false;
      await renewOnce();
      return true;
    },
  };
}
