import { Command } from 'commander';
import { instant } from './instant.ts';
import { ask } from './remote.ts';

/** hold add · release */
export function holdCommand(): Command {
  const hold = new Command('hold').description('Promise units without a channel order.');
  hold
    .command('add <sku> <units>')
    .requiredOption('--at <location>', 'the location')
    .option('--until <date>', 'when it ends by itself (ISO 8601)')
    .option('--note <text>', 'for whom')
    .action(async (sku: string, units: string, options: { at: string; until?: string; note?: string }) => {
      const { id } = await ask<{ id: number }>('POST', '/v1/holds', {
        sku,
        units: Number(units),
        location: options.at,
        note: options.note,
        until: options.until && instant(options.until),
      });
      console.log(`Hold ${id}. End it with: onhand hold release ${id}`);
    });
  hold.command('release <id>').action(async (id: string) => {
    console.log((await ask<{ done: string }>('DELETE', `/v1/holds/${encodeURIComponent(id)}`)).done);
  });
  return hold;
}
