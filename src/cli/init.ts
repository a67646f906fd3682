import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { UserError } from '../engine/user-error.ts';
import { createApiKey, SCOPES, type Scope } from '../http/keys.ts';
import { realClock } from '../runtime/clock.ts';
import { readSettings } from '../runtime/settings.ts';
import { openStore } from './open-store.ts';
import { isTrial, markTrial } from './trial.ts';

/** init: the store, the encryption key, the owner's API key. Safe to repeat. */
export function initCommand(): Command {
  return new Command('init')
    .description('Creates the store, its encryption key and the owner’s API key.')
    .option('--trial', 'a store for trying things out: it takes stand-ins (onhand sandbox) for channels')
    .option('--key <name>', 'make one more API key with this name')
    .option('--scopes <list>', `of that key, from ${SCOPES.join(',')}`, SCOPES.join(','))
    .action(async (options: { key?: string; scopes: string; trial?: boolean }) => {
      const settings = readSettings();
      const { home } = settings;
      const ownerFile = join(home, 'owner.key');
      const fresh = !existsSync(ownerFile);
      if (options.trial && !fresh && !isTrial(home))
        throw new UserError(
          'not-a-trial',
          `The store in ${home} is for a real business and takes no stand-ins.`,
          'Make another one beside it: ONHAND_HOME=trial onhand init --trial',
        );
      const store = await openStore(settings);
      try {
        if (options.trial) markTrial(home);
        const at = new Date(realClock.now()).toISOString();
        const lines = [
          `Store: ${store.where}`,
          `Encryption key: ${settings.keyFile}`,
          '  Back this file up separately from the store: without it the channels’ credentials cannot be read.',
        ];
        if (fresh) {
          const key = await createApiKey(store.db, 'owner', SCOPES, at);
          writeFileSync(ownerFile, `${key}\n`, { mode: 0o600 });
          lines.push(`Owner’s API key: ${key}`, `  It is also in ${ownerFile}, where the commands find it.`);
        } else if (!options.key) lines.push(`The owner’s API key is in ${ownerFile}.`);
        if (options.key) {
          const scopes = options.scopes.split(',').map((scope) => scope.trim());
          const wrong = scopes.find((scope) => !SCOPES.includes(scope as Scope));
          if (wrong)
            throw new UserError('unknown-scope', `"${wrong}" is not a scope.`, `There are: ${SCOPES.join(', ')}.`);
          lines.push(
            `API key "${options.key}" (${scopes.join(', ')}): ${await createApiKey(store.db, options.key, scopes as Scope[], at)}`,
          );
        }
        console.log([...lines, '→ Start it: onhand serve'].join('\n'));
      } finally {
        await store.db.close();
      }
    });
}
