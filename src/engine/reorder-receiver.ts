import { bodyText } from '../platform/http.ts';
import { isInsideHost } from '../platform/inside-host.ts';
import { signedHeaders } from '../platform/standard-webhooks.ts';
import { uuidFrom } from '../runtime/random.ts';
import type { SealedBox } from '../runtime/sealed-box.ts';
import { loadReceiver, saveReceiver } from '../store/reorder-alerts.ts';
import { type EngineContext, iso } from './context.ts';
import { UserError } from './user-error.ts';

const BELONGS_TO = 'reorder:receiver';
const TIMEOUT_MS = 15_000;
const RETRY_AFTER_MS_MAX = 86_400_000;
/** As Standard Webhooks asks for: 24 to 64 bytes, base64. */
const SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

interface Receiver {
  url: string;
  secret: string;
}

/** What came of an attempt, in words for the operator; the address beyond its host is nobody's business. */
export interface Attempted {
  ok: boolean;
  said: string;
  /** The receiver says that it is no more: trying again is of no use. */
  gone: boolean;
  retryAfterMs: number | null;
}

/** Whoever is told that something is low: one address, its signing secret beside it, both sealed. */
export class ReorderReceiver {
  constructor(
    private readonly context: EngineContext,
    private readonly box: SealedBox,
    private readonly newToken: () => string,
  ) {}

  async load(): Promise<(Receiver & { host: string }) | undefined> {
    const sealed = await loadReceiver(this.context.db);
    if (!sealed) return undefined;
    const receiver = this.box.open(sealed, BELONGS_TO) as Receiver;
    return { ...receiver, host: new URL(receiver.url).host };
  }

  /** Sends a first message to it, which may fail: it is kept all the same. @returns the secret, to be shown this once */
  async save(change: {
    url: string;
    secret?: string | undefined;
    by: string;
  }): Promise<Attempted & { secret: string }> {
    const { url } = change;
    const read = URL.canParse(url) ? new URL(url) : undefined;
    const fits = read?.protocol === 'https:' || (read?.protocol === 'http:' && isInsideHost(read.hostname));
    if (!read || !fits || read.username || read.hash)
      throw new UserError(
        'receiver-invalid',
        'That is no address that alerts can be sent to.',
        'Give an https address (http only inside your own network), without a user name or #.',
      );
    // Letters of 192 bits of randomness, as bytes.
    const secret = change.secret ?? `whsec_${Buffer.from(this.newToken(), 'utf8').toString('base64')}`;
    if (change.secret !== undefined && !SECRET.test(secret))
      throw new UserError(
        'receiver-invalid',
        'That is no signing secret.',
        'Leave it out and one is made, or make one with: echo "whsec_$(openssl rand -base64 32)"',
      );
    const { db, clock, random } = this.context;
    const at = iso(clock.now());
    await db.transaction((tx) => saveReceiver(tx, this.box.seal({ url, secret }, BELONGS_TO), at, change.by));
    const first = { type: 'reorder.test', timestamp: at, data: {} };
    return { ...(await this.send({ url, secret }, uuidFrom(random), first)), secret };
  }

  /** Nobody is told any more. */
  async forget(by: string): Promise<void> {
    const at = iso(this.context.clock.now());
    await this.context.db.transaction((tx) => saveReceiver(tx, undefined, at, by));
  }

  /** One attempt; `id` stays the same for all attempts of a message. Never throws. */
  async send({ url, secret }: Receiver, id: string, message: object): Promise<Attempted> {
    const { transport, clock } = this.context;
    const body = JSON.stringify(message);
    const { host } = new URL(url);
    try {
      const headers = { 'content-type': 'application/json', ...signedHeaders(secret, id, clock.now(), body) };
      const answer = await transport({ method: 'POST', url, headers, body }, { timeoutMs: TIMEOUT_MS });
      const ok = answer.status >= 200 && answer.status < 300;
      const words = ok ? '' : bodyText({ body: answer.body }).replace(/\s+/g, ' ').trim().slice(0, 200);
      const seconds = Number(answer.headers['retry-after']);
      return {
        ok,
        said: `${host} answered ${answer.status}${words && `: ${words}`}`,
        gone: answer.status === 410,
        retryAfterMs: seconds > 0 ? Math.min(seconds * 1_000, RETRY_AFTER_MS_MAX) : null,
      };
    } catch (error) {
      return { ok: false, said: `no answer of ${host}: ${(error as Error).message}`, gone: false, retryAfterMs: null };
    }
  }
}
