import { Command } from 'commander';
import { UserError } from '../engine/user-error.ts';
import { SettingsError } from '../runtime/settings.ts';
import { StoreError, type StoreErrorCode } from '../store/store-error.ts';
import { VERSION } from './version.ts';

const COMMANDS: Record<string, () => Promise<Command>> = {
  init: async () => (await import('./init.ts')).initCommand(),
  serve: async () => (await import('./serve.ts')).serveCommand(),
  platforms: async () => (await import('./platforms.ts')).platformsCommand(),
  channel: async () => (await import('./channel.ts')).channelCommand(),
  stock: async () => (await import('./stock.ts')).stockCommand(),
  reorder: async () => (await import('./reorder.ts')).reorderCommand(),
  hold: async () => (await import('./hold.ts')).holdCommand(),
  why: async () => (await import('./why.ts')).whyCommand(),
  reconcile: async () => (await import('./reconcile.ts')).reconcileCommand(),
  backup: async () => (await import('./backup.ts')).backupCommand(),
  restore: async () => (await import('./backup.ts')).restoreCommand(),
  store: async () => (await import('./backup.ts')).storeCommand(),
  stop: async () => (await import('./stop.ts')).stopCommand(),
  inspect: async () => (await import('./inspect.ts')).inspectCommand(),
  sandbox: async () => (await import('./sandbox.ts')).sandboxCommand(),
  demo: async () => (await import('./demo.ts')).demoCommand(),
};

const STORE_NEXT: Partial<Record<StoreErrorCode, string>> = {
  'store-in-use': 'Another process has this store open: commands like "onhand stock" ask the running server instead.',
  'store-unavailable': 'Check that the database runs and that DATABASE_URL is right.',
  'store-folder': 'Check ONHAND_HOME and who may read it.',
  'store-version': 'Start the version of Onhand that wrote it.',
};

const program = new Command('onhand')
  .description('Keeps stock right on every sales channel at once.')
  .version(VERSION)
  .showHelpAfterError('(onhand --help lists the commands)');
// Only what was asked for is loaded: "onhand stock" needs no database engine, and starts in a fraction of the time.
const wanted = COMMANDS[process.argv[2] ?? ''];
for (const load of wanted ? [wanted] : Object.values(COMMANDS)) program.addCommand(await load());

try {
  await program.parseAsync();
} catch (error) {
  console.error(errorText(error));
  process.exitCode = 1;
}

/** What is wrong, and what to do: every error that a person sees ends so. */
function errorText(error: unknown): string {
  if (error instanceof UserError) return `${error.message}\n→ ${error.next}`;
  if (error instanceof SettingsError) return `${error.message}\n→ Correct the environment, then try again.`;
  if (error instanceof StoreError)
    return `${error.message}\n→ Nothing was changed. ${STORE_NEXT[error.code] ?? 'Try again.'}`;
  if (process.env['ONHAND_DEBUG'] && error instanceof Error) return error.stack ?? error.message;
  return `${error instanceof Error ? error.message : error}\n→ ONHAND_DEBUG=1 before the command shows where it happened.`;
}
