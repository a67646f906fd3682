import pg from 'pg';
import type { Clock } from '../../runtime/clock.ts';
import { quoteName } from '../session.ts';
import { WakeBus } from '../wake-bus.ts';

const RECONNECT_MIN_MS = 100;
const RECONNECT_MAX_MS = 30_000;
/** PostgreSQL's own limit of an identifier, in bytes. */
const NAME_BYTES_MAX = 63;

interface Options {
  connection: pg.ClientConfig;
  pool: pg.Pool;
  schema: string;
  clock: Clock;
}

/**
 * LISTEN and NOTIFY on a connection of its own, opened with the first listener and opened again when it breaks. After a gap every
 * listener is woken once, because what was told meanwhile is lost. Best effort: nothing here throws.
 */
export class ServerWakes {
  readonly #options: Options;
  readonly #bus = new WakeBus();
  /** One per schema: a merchant's processes are not woken by another's sales. */
  readonly #channel: string;
  #client: pg.Client | undefined;
  #wanted = false;
  #closed = false;
  #delayMs = RECONNECT_MIN_MS;
  #cancelRetry = () => {};

  constructor(options: Options) {
    this.#options = options;
    this.#channel = Buffer.from(`onhand_${options.schema}`)
      .subarray(0, NAME_BYTES_MAX)
      .toString('utf8')
      .replace(/\uFFFD+$/, '');
  }

  on(topic: string, listener: () => void): () => void {
    if (!this.#wanted) {
      this.#wanted = true;
      void this.#listen();
    }
    return this.#bus.on(topic, listener);
  }

  async wake(topic: string): Promise<void> {
    this.#bus.emit(topic);
    try {
      // Our own listener has been woken already; by its process number it knows its own call.
      await this.#options.pool.query({
        name: 'wake',
        text: 'select pg_notify($1, $2)',
        values: [this.#channel, `${processOf(this.#client) ?? 0} ${topic}`],
      });
    } catch {
      // Whoever was to be woken polls.
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry();
    await this.#client?.end().catch(() => {});
  }

  async #listen(): Promise<void> {
    const client = new pg.Client(this.#options.connection);
    let lost = false;
    const retry = () => {
      if (lost) return;
      lost = true;
      if (this.#client === client) this.#client = undefined;
      void client.end().catch(() => {});
      if (this.#closed) return;
      this.#cancelRetry = this.#options.clock.after(this.#delayMs, () => void this.#listen());
      this.#delayMs = Math.min(this.#delayMs * 2, RECONNECT_MAX_MS);
    };
    client.on('error', retry);
    client.on('end', retry);
    client.on('notification', ({ payload }) => this.#heard(client, payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${quoteName(this.#channel)}`);
    } catch {
      return retry();
    }
    if (this.#closed || lost) return retry();
    this.#client = client;
    this.#delayMs = RECONNECT_MIN_MS;
    this.#bus.emitAll();
  }

  #heard(client: pg.Client, payload: string): void {
    const space = payload.indexOf(' ');
    if (payload.slice(0, space) !== String(processOf(client))) this.#bus.emit(payload.slice(space + 1));
  }
}

/** The server's process behind a client, which the types of `pg` do not name. */
const processOf = (client: pg.Client | undefined) =>
  (client as unknown as { processID?: number } | undefined)?.processID;
