import { closeSync, fdatasyncSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** Makes what was written so far last: throws if it cannot. */
export interface Disk {
  syncFile(descriptor: number, path: string): void;
  syncFolder(descriptor: number, path: string): void;
}

export const realDisk: Disk = {
  syncFile: (descriptor) => fdatasyncSync(descriptor),
  syncFolder: (descriptor) => fsyncSync(descriptor),
};

/** PGlite runs with `-F` (fsync off) and a WAL sync method that is a stub in its build: it survives kill -9, not power loss. */
export const DURABLE_PARAMETERS = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  ...['fsync=on', 'wal_sync_method=fsync', 'synchronous_commit=on', 'full_page_writes=on'].flatMap((setting) => [
    '-c',
    setting,
  ]),
];

/** WASI's number of EIO. PostgreSQL panics on it while syncing: what the disk refused once may be lost without another error. */
const EIO = 29;

interface NodeStream {
  node: { mode: number };
  nfd: number;
}
interface FileModule {
  FS: { isDir(mode: number): boolean; getPath(node: unknown): string };
  NODEFS: { realPath(node: unknown): string; stream_ops: { fsync?: (stream: NodeStream) => number } };
}

/** PGlite's file system on a folder, with the fsync that it lacks. PostgreSQL decides what to sync and when. */
export class DurableFiles extends NodeFS {
  readonly #disk: Disk;
  readonly #failed: (error: unknown) => void;

  constructor(folder: string, disk: Disk, failed: (error: unknown) => void) {
    super(folder);
    this.#disk = disk;
    this.#failed = failed;
  }

  override async init(...[database, options]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(database, options);
    const addSync = (module: FileModule) => {
      const { FS, NODEFS } = module;
      NODEFS.stream_ops.fsync = (stream) => {
        try {
          const path = NODEFS.realPath(stream.node);
          if (FS.isDir(stream.node.mode)) this.#disk.syncFolder(stream.nfd, path);
          else this.#disk.syncFile(stream.nfd, path);
          return 0;
        } catch (error) {
          this.#failed(error);
          return EIO;
        }
      };
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), addSync as never] } };
  }
}

/** Several at a time share the disk's journal: a thousand files take 0.2 s instead of 3. */
const SYNCS_AT_ONCE = 8;

/** Syncs every file and folder below `root`, and `root`: initdb's files are copied in unsynced. */
export async function syncTree(root: string): Promise<void> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => ({ path: join(entry.parentPath, entry.name), isFolder: entry.isDirectory() }));
  const left = [
    ...paths.filter(({ isFolder }) => !isFolder || HAS_FOLDER_SYNC),
    ...(HAS_FOLDER_SYNC ? [{ path: root, isFolder: true }] : []),
  ];
  const worker = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      const handle = await open(next.path, next.isFolder ? 'r' : 'r+');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
  };
  await Promise.all(Array.from({ length: SYNCS_AT_ONCE }, worker));
}

/** What a folder's entries need after one was created or renamed. */
export function syncFolder(path: string): void {
  if (!HAS_FOLDER_SYNC) return;
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Windows has no such thing. */
const HAS_FOLDER_SYNC = platform() !== 'win32';
