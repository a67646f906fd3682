// A thread of its own for the embedded database: a 300 ms statement would block the event loop that answers webhooks.
import { parentPort, workerData } from 'node:worker_threads';
import { realDisk } from './durable-files.ts';
import { openEngine } from './engine.ts';

/** From the main thread. Handled one after the other. */
export type WorkerRequest = { id: number; batch: Uint8Array } | { id: number; order: 'reset' | 'close' };

/** To the main thread. `data` chunks of a request come before its `done`, which carries the last; after `fatal` nothing counts any more. */
export type WorkerReply =
  | { kind: 'open' }
  | { kind: 'data'; id: number; bytes: Uint8Array }
  | { kind: 'done'; id: number; bytes?: Uint8Array; error?: string }
  | { kind: 'fatal'; message: string };

if (!parentPort) throw new Error('This module is the thread of the embedded database and runs only as one.');
const port = parentPort;

/** A short answer goes in one message with its end: each message wakes the other thread, which costs more than the bytes. */
const TOGETHER_BYTES = 65_536;

function reply(message: WorkerReply): void {
  const bytes = 'bytes' in message ? message.bytes : undefined;
  port.postMessage(message, bytes ? [bytes.buffer as ArrayBuffer] : []);
}

const { folder } = workerData as { folder: string };
const engine = await openEngine({
  data: { folder, disk: realDisk },
  // Sent from inside the failing call: the thread may never come out of it.
  onFatal: (error) => reply({ kind: 'fatal', message: error.message }),
});

async function handle(request: WorkerRequest): Promise<void> {
  const { id } = request;
  let chunks: Uint8Array[] = [];
  let length = 0;
  const gathered = () => {
    const bytes = chunks.length === 1 ? chunks[0]! : new Uint8Array(length);
    if (chunks.length > 1) {
      let at = 0;
      for (const chunk of chunks) {
        bytes.set(chunk, at);
        at += chunk.length;
      }
    }
    chunks = [];
    length = 0;
    return bytes;
  };
  try {
    if ('batch' in request)
      await engine.exchange(request.batch, (bytes) => {
        chunks.push(bytes);
        length += bytes.length;
        if (length > TOGETHER_BYTES) reply({ kind: 'data', id, bytes: gathered() });
      });
    else await engine[request.order]();
    reply(length > 0 ? { kind: 'done', id, bytes: gathered() } : { kind: 'done', id });
  } catch (error) {
    reply({ kind: 'done', id, error: error instanceof Error ? error.message : String(error) });
  }
}

let last: Promise<void> = Promise.resolve();
port.on('message', (request: WorkerRequest) => {
  last = last.then(() => handle(request));
});
reply({ kind: 'open' });
