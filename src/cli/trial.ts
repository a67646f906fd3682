import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const fileOf = (home: string) => join(home, 'trial');

/** A store made for trying things out takes stand-ins for channels; a real one refuses them. */
export const isTrial = (home: string): boolean => existsSync(fileOf(home));

/** Only a new store becomes a trial: in one that has counted real goods nothing may be made up. */
export function markTrial(home: string): void {
  writeFileSync(fileOf(home), 'This store is for trying things out: stand-ins may be connected to it.\n');
}
