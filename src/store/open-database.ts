import type { Clock } from '../runtime/clock.ts';
import type { Database } from './database.ts';
import { openFolder, openMemory } from './embedded/embedded-database.ts';
import { openServer } from './server/server-database.ts';
import type { StoreError } from './store-error.ts';

interface EveryStore {
  /** The merchant's schema; `public` unless said. It is created by {@link migrate}. */
  schema?: string;
}

/** A PostgreSQL server or cluster. */
interface ServerStore extends EveryStore {
  url: string;
  clock: Clock;
  /** Connections at most, besides the one that listens; 10 unless said. */
  connectionsMax?: number;
}

/** A folder of this machine, for this process alone: the embedded PostgreSQL, durable, in a worker thread. */
interface FolderStore extends EveryStore {
  folder: string;
  /** Checkpoints and vacuum run by it. */
  clock: Clock;
  /**
   * The disk or the engine failed: nothing more is answered, and what is under way is rejected with `store-io`. End the process;
   * the next one recovers every acknowledged row.
   */
  onFatal: (error: StoreError) => void;
}

/** In this process, without files: tests and simulation. */
interface MemoryStore extends EveryStore {
  memory: true;
}

export type StoreOptions = ServerStore | FolderStore | MemoryStore;

/**
 * Opens a store. The schema may still be empty: see {@link migrate}.
 * @throws StoreError `store-in-use`, `store-folder`, `store-version`, `store-unavailable`
 */
export function openDatabase(options: StoreOptions): Promise<Database> {
  if ('memory' in options) return openMemory(options.schema);
  if ('folder' in options) return openFolder(options);
  return openServer(options);
}
