import { PGlite } from '@electric-sql/pglite';
import { StoreError } from '../store-error.ts';
import { type Disk, DURABLE_PARAMETERS, DurableFiles } from './durable-files.ts';
import type { ProtocolEngine } from './protocol-stream.ts';

/** The major version of PostgreSQL inside the pinned PGlite. Its files are of no use to another. */
export const POSTGRES_MAJOR = '18';

interface EngineOptions {
  /** The data folder, already created. Without it the database lives in memory. */
  data?: { folder: string; disk: Disk };
  /** The engine is dead and nothing it still answers counts. Called once, from inside the failing call. */
  onFatal(error: StoreError): void;
}

/** What is used of the WebAssembly module beneath PGlite, whose own loop swallows every exception. */
interface WasmModule {
  _PostgresMainLoopOnce(): void;
  stackRestore(pointer: number): void;
}

/** PostgreSQL's own longjmp after an ordinary error; any other exception is a PANIC, an exit or a broken module. */
const ORDINARY_ERROR = 100;

/** Opens PGlite in this thread. Its calls are synchronous inside: a long statement blocks the event loop. */
export async function openEngine({ data, onFatal }: EngineOptions): Promise<ProtocolEngine> {
  let dead: StoreError | undefined;
  const die = (cause: unknown) => {
    if (dead) return;
    dead = new StoreError(
      'store-io',
      `The embedded database failed and was stopped: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
    onFatal(dead);
  };
  const lines: string[] = [];
  const database = await PGlite.create({
    ...(data && {
      fs: new DurableFiles(data.folder, data.disk, die),
      dataDir: data.folder,
      startParams: DURABLE_PARAMETERS,
    }),
    onStderr: (line) => lines.push(line) > 20 && lines.shift() === undefined,
  }).catch((error: unknown) => {
    const said = error instanceof Error ? error.message : error;
    throw new StoreError('store-io', `The embedded database did not start: ${said}\n${lines.join('\n')}`, {
      cause: error,
    });
  });
  watch(database.Module as unknown as WasmModule, die);

  const exchange = async (batch: Uint8Array, onData: (bytes: Uint8Array) => void) => {
    if (dead) throw dead;
    await database.execProtocolRawStream(batch, {
      // The bytes are a view of the module's memory, gone with its next call.
      onRawData: (bytes) => !dead && onData(bytes.slice()),
    });
    if (dead) throw dead;
  };
  const quietly = (text: string) => exchange(simpleQuery(text), () => {});
  return {
    exchange,
    reset: async () => {
      if (dead || database.closed) return;
      if (database.isInTransaction()) await quietly('rollback');
      await quietly('discard all');
    },
    abort: die,
    close: async () => {
      if (!dead && !database.closed) await database.close();
    },
  };
}

/**
 * After a PANIC (an fsync that failed) PGlite would call the dead module for ever. The first exception that is not PostgreSQL's
 * own is told, and the loop is left through the one call in it that is not guarded.
 */
function watch(module: WasmModule, die: (cause: unknown) => void): void {
  const once = module._PostgresMainLoopOnce;
  module._PostgresMainLoopOnce = () => {
    try {
      once();
    } catch (error) {
      if ((error as { status?: unknown }).status !== ORDINARY_ERROR) {
        module.stackRestore = () => {
          throw error;
        };
        die(error);
      }
      throw error;
    }
  };
}

function simpleQuery(text: string): Uint8Array {
  const body = Buffer.from(`${text}\0`);
  const message = Buffer.alloc(5 + body.length, 'Q');
  message.writeInt32BE(4 + body.length, 1);
  body.copy(message, 5);
  return message;
}
