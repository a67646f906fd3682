import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where a store, its encryption key and the owner's API key live: ONHAND_HOME, else .onhand in the user's home. */
export function homeFolder(): string {
  return process.env['ONHAND_HOME'] ?? join(homedir(), '.onhand');
}
