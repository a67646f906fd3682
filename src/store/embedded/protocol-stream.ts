import { Duplex } from 'node:stream';

/** A PostgreSQL that takes bytes of the wire protocol instead of a socket. */
export interface ProtocolEngine {
  /** Runs one batch of frontend messages; `onData` gets what it answers, in chunks that are the receiver's to keep. */
  exchange(batch: Uint8Array, onData: (bytes: Uint8Array) => void): Promise<void>;
  /** Ends what a session left behind: rolls back, discards prepared statements and settings. */
  reset(): Promise<void>;
  /** Declares the engine dead: nothing is answered any more. */
  abort(cause: Error): void;
  close(): Promise<void>;
}

/** Messages after which a server answers, so the batch up to here is run: Sync, Query, Flush, CopyData, CopyDone, CopyFail. */
const ANSWERED = new Set([...'SQHdcf'].map((letter) => letter.charCodeAt(0)));
const TERMINATE = 'X'.charCodeAt(0);
const LENGTH_BYTES = 4;

/**
 * The socket of a `pg` client, with the embedded database at its other end: `new pg.Client({ stream: sessionsOf(engine) })`.
 * It behaves like a server: a client that ends or is destroyed is rolled back, and nothing of it is left to the next.
 * The engine has one session, so a stream connects once the one before it is cleaned up.
 */
export function sessionsOf(engine: ProtocolEngine): () => Duplex {
  let last: Promise<void> = Promise.resolve();
  return () => {
    const before = last;
    let end = () => {};
    last = new Promise((resolve) => {
      end = resolve;
    });
    return new ProtocolStream(engine, before, end);
  };
}

class ProtocolStream extends Duplex {
  readonly #engine: ProtocolEngine;
  readonly #before: Promise<void>;
  readonly #end: () => void;
  #pending: Buffer = Buffer.alloc(0);
  #batch: Buffer[] = [];
  #started = false;
  #running: Promise<void> = Promise.resolve();
  #cleaned: Promise<void> | undefined;

  constructor(engine: ProtocolEngine, before: Promise<void>, end: () => void) {
    super({ allowHalfOpen: false });
    this.#engine = engine;
    this.#before = before;
    this.#end = end;
  }

  /** What `pg` calls on a net.Socket. */
  connect(): this {
    this.#before.then(() => this.emit('connect'));
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#run(chunk).then(() => done(), done);
  }

  /** `pg` corks the parts of one statement: they come together and cost one call. */
  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#run(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#clean().then(() => {
      this.push(null);
      done();
    }, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#clean().then(
      () => done(error),
      (failed: Error) => done(error ?? failed),
    );
  }

  #run(bytes: Buffer): Promise<void> {
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, bytes]) : bytes;
    if (!this.#takeMessages()) return Promise.resolve();
    const batch = this.#batch.length === 1 ? this.#batch[0]! : Buffer.concat(this.#batch);
    this.#batch = [];
    // In a turn of its own: `pg` writes from inside its parser, and an answer pushed back at once would be parsed within that parse.
    this.#running = Promise.resolve().then(() => this.#engine.exchange(batch, (answer) => this.push(answer)));
    return this.#running;
  }

  /** Moves whole messages into the batch; true when one of them is answered. */
  #takeMessages(): boolean {
    let answered = false;
    for (;;) {
      // The first message, the startup packet, has no letter in front.
      const head = this.#started ? 1 : 0;
      if (this.#pending.length < head + LENGTH_BYTES) return answered;
      const length = head + this.#pending.readInt32BE(head);
      if (this.#pending.length < length) return answered;
      const message = this.#pending.subarray(0, length);
      this.#pending = this.#pending.subarray(length);
      if (this.#started && message[0] === TERMINATE) continue;
      answered ||= !this.#started || ANSWERED.has(message[0]!);
      this.#started = true;
      this.#batch.push(message);
    }
  }

  /** Waits for what runs, then for the session to be empty again; only then may the next stream connect. */
  #clean(): Promise<void> {
    this.#cleaned ??= this.#before
      .then(() => this.#running)
      .catch(() => {})
      .then(() => this.#engine.reset())
      .finally(this.#end);
    return this.#cleaned;
  }
}
