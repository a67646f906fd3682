import { Command } from 'commander';
import { ask } from './remote.ts';

/** stop: every lane holds still; orders are still heard. */
export function stopCommand(): Command {
  return new Command('stop')
    .description('Writes nothing to any channel from now on; orders are still heard.')
    .action(async () => {
      const { stopped, next } = await ask<{ stopped: string[]; next: string }>('POST', '/v1/stop', {});
      console.log(`${stopped.length === 0 ? 'No channel was live' : `Paused: ${stopped.join(', ')}`}.\n→ ${next}`);
    });
}
