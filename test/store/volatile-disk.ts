import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Random } from '../../src/runtime/random.ts';
import type { Disk } from '../../src/store/embedded/durable-files.ts';

/** What a disk writes whole or not at all. */
const SECTOR_BYTES = 512;

/**
 * A disk that remembers what was synced, and fails for good at one sync: the power went.
 *
 * Modelled on ext4 with ordered journal: a synced file is on disk with its name; a synced folder has lost the names that were
 * removed from it. All else that was written since, sector by sector, is there or not; a name that was removed or added without
 * a sync is there or not.
 */
export class VolatileDisk implements Disk {
  readonly #root: string;
  readonly #synced: Map<string, Buffer>;
  #syncsLeft: number;
  /** Whether the last sync still reached the disk before the power went. */
  readonly #lastCounts: boolean;

  /** @param synced the files of a folder that was synced as a whole. */
  constructor(root: string, synced: Map<string, Buffer>, syncsLeft: number, lastCounts: boolean) {
    this.#root = root;
    this.#synced = new Map(synced);
    this.#syncsLeft = syncsLeft;
    this.#lastCounts = lastCounts;
  }

  syncFile(_descriptor: number, path: string): void {
    this.#sync(() => this.#synced.set(relative(this.#root, path), readFileSync(path)));
  }

  syncFolder(_descriptor: number, path: string): void {
    this.#sync(() => {
      const folder = relative(this.#root, path);
      for (const name of this.#synced.keys())
        if (dirname(name) === (folder || '.') && !existsSync(join(this.#root, name))) this.#synced.delete(name);
    });
  }

  #sync(work: () => void): void {
    this.#syncsLeft--;
    if (this.#syncsLeft > 0 || (this.#syncsLeft === 0 && this.#lastCounts)) work();
    if (this.#syncsLeft <= 0) throw new Error('the power went');
  }

  /** Writes what a restart finds into `image`. */
  leave(image: string, random: Random): void {
    const live = filesOf(this.#root);
    // Most of it made it, or hardly any, or something in between: each is a different kind of damage.
    const share = [0, 0.1, 0.5, 1][Math.floor(random() * 4)] ?? 0;
    for (const name of [...new Set([...this.#synced.keys(), ...live.keys()])].sort()) {
      const old = this.#synced.get(name);
      const now = live.get(name);
      if ((!old || !now) && random() >= (old ? 1 - share : share)) continue;
      const content =
        old && now ? mixed(old, now, share, random) : (old ?? mixed(Buffer.alloc(0), now!, share, random));
      mkdirSync(dirname(join(image, name)), { recursive: true });
      writeFileSync(join(image, name), content);
    }
    for (const folder of foldersOf(this.#root)) mkdirSync(join(image, folder), { recursive: true });
  }
}

function mixed(old: Buffer, now: Buffer, share: number, random: Random): Buffer {
  if (old.equals(now)) return now;
  const content = Buffer.alloc(random() < share ? now.length : old.length);
  for (let at = 0; at < content.length; at += SECTOR_BYTES) {
    const before = old.subarray(at, at + SECTOR_BYTES);
    const after = now.subarray(at, at + SECTOR_BYTES);
    (before.equals(after) || random() < share ? after : before).copy(content, at);
  }
  return content;
}

/** Every file below `root`, by its path from there. */
export function filesOf(root: string): Map<string, Buffer> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => [relative(root, join(parentPath, name)), readFileSync(join(parentPath, name))]),
  );
}

function foldersOf(root: string): string[] {
  const folders = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ parentPath, name }) => relative(root, join(parentPath, name)));
}
