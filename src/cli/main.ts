import { Command } from 'commander';
import { UserError } from '../engine/user-error.ts';
import { channelCommand } from './channel.ts';
import { demoCommand } from './demo.ts';
import { holdCommand } from './hold.ts';
import { initCommand } from './init.ts';
import { inspectCommand } from './inspect.ts';
import { platformsCommand } from './platforms.ts';
import { reconcileCommand } from './reconcile.ts';
import { sandboxCommand } from './sandbox.ts';
import { serveCommand } from './serve.ts';
import { stockCommand } from './stock.ts';
import { stopCommand } from './stop.ts';
import { VERSION } from './version.ts';
import { whyCommand } from './why.ts';

const program = new Command('onhand')
  .description('Keeps stock right on every sales channel at once.')
  .version(VERSION)
  .showHelpAfterError('(onhand --help lists the commands)');
for (const command of [
  initCommand,
  serveCommand,
  platformsCommand,
  channelCommand,
  stockCommand,
  holdCommand,
  whyCommand,
  reconcileCommand,
  stopCommand,
  inspectCommand,
  sandboxCommand,
  demoCommand,
])
  program.addCommand(command());

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof UserError) console.error(`${error.message}\n→ ${error.next}`);
  else console.error(error instanceof Error ? (process.env['ONHAND_DEBUG'] ? error : error.message) : error);
  process.exitCode = 1;
}
