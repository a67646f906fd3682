// A thread of its own for the embedded database: a 300 ms statement would block the event loop that answers webhooks.
import { parentPort, workerData } from 'node:worker_threads';
import { realDisk } from './durable-files.ts';
import { openEngine } from './engine.ts';

/** From the main thread. Handled one after the other. */
export type WorkerRequest = { id: number; batch: Uint8Array } | { id: number; order: 'reset' | 'close' };

/** To the main thread. `data` chunks of a request come before its `done`; after `fatal` nothing counts any more. */
export type WorkerReply =
  | { kind: 'open' }
  | { kind: 'data'; id: number; bytes: Uint8Array }
  | { kind: 'done'; id: number; error?: string }
  | { kind: 'fatal'; message: string };

if (!parentPort) throw new Error('This module is the thread of the embedded database and runs only as one.');
const port = parentPort;

function reply(message: WorkerReply): void {
  port.postMessage(message, message.kind === 'data' ? [message.bytes.buffer as ArrayBuffer] : []);
}

const { folder } = workerData as { folder: string };
const engine = await openEngine({
  data: { folder, disk: realDisk },
  // Sent from inside the failing call: the thread may never come out of it.
  onFatal: (error) => reply({ kind: 'fatal', message: error.message }),
});

async function handle(request: WorkerRequest): Promise<void> {
  const { id } = request;
  try {
    if ('batch' in request) await engine.exchange(request.batch, (bytes) => reply({ kind: 'data', id, bytes }));
    else await engine[request.order]();
    reply({ kind: 'done', id });
  } catch (error) {
    reply({ kind: 'done', id, error: error instanceof Error ? error.message : String(error) });
  }
}

let last: Promise<void> = Promise.resolve();
port.on('message', (request: WorkerRequest) => {
  last = last.then(() => handle(request));
});
reply({ kind: 'open' });
