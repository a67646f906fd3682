import { Worker } from 'node:worker_threads';
import { StoreError } from '../store-error.ts';
import { threadOf } from './module-path.ts';
import type { ProtocolEngine } from './protocol-stream.ts';
import type { WorkerReply, WorkerRequest } from './worker.ts';

interface Call {
  onData: (bytes: Uint8Array) => void;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** {@link ProtocolEngine} in a worker thread, on a data folder that exists and is locked. */
export async function startWorkerEngine(folder: string, onFatal: (error: StoreError) => void): Promise<ProtocolEngine> {
  // The worker's stdio is ours; its environment is not needed.
  const worker = new Worker(threadOf(new URL('./worker.ts', import.meta.url), import.meta.url), {
    workerData: { folder },
    execArgv: [],
    env: {},
  });
  const calls = new Map<number, Call>();
  let nextId = 0;
  let state: 'opening' | 'open' | 'closing' | 'dead' = 'opening';
  let death: StoreError | undefined;
  let die: (cause: Error) => void = () => {};

  const opened = new Promise<void>((resolve, reject) => {
    die = (cause) => {
      if (state === 'dead' || state === 'closing') return;
      const before = state;
      state = 'dead';
      death =
        cause instanceof StoreError
          ? cause
          : new StoreError('store-io', `The embedded database stopped: ${cause.message}`, { cause });
      // It may be in a loop that never ends.
      worker.terminate();
      for (const call of calls.values()) call.reject(death);
      calls.clear();
      if (before === 'opening') reject(death);
      else onFatal(death);
    };
    worker.on('error', die);
    worker.on('exit', () => die(new Error('its thread ended')));
    worker.on('message', (reply: WorkerReply) => {
      if (state === 'dead') return;
      if (reply.kind === 'fatal') return die(new StoreError('store-io', reply.message));
      if (reply.kind === 'open') {
        state = 'open';
        return resolve();
      }
      const call = calls.get(reply.id);
      if (reply.kind === 'data') return call?.onData(reply.bytes);
      calls.delete(reply.id);
      if (reply.bytes) call?.onData(reply.bytes);
      if (reply.error === undefined) call?.resolve();
      else call?.reject(new StoreError('store-io', reply.error));
    });
  });
  await opened;

  const send = (request: { batch: Uint8Array } | { order: 'reset' | 'close' }, onData: Call['onData'] = () => {}) =>
    new Promise<void>((resolve, reject) => {
      if (death) return reject(death);
      const id = nextId++;
      calls.set(id, { onData, resolve, reject });
      if ('order' in request) return worker.postMessage({ id, ...request } satisfies WorkerRequest);
      // A copy of its own, handed over: a view would be sent with the whole buffer that it is a part of.
      const batch = new Uint8Array(request.batch);
      worker.postMessage({ id, batch } satisfies WorkerRequest, [batch.buffer]);
    });
  return {
    exchange: (batch, onData) => send({ batch }, onData),
    reset: () => send({ order: 'reset' }),
    abort: die,
    close: async () => {
      if (death) return;
      await send({ order: 'close' });
      state = 'closing';
      await worker.terminate();
    },
  };
}
