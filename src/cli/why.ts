import { Command } from 'commander';
import type { Why } from '../engine/why.ts';
import { ask } from './remote.ts';
import { print } from './table.ts';

/** why SKU */
export function whyCommand(): Command {
  return new Command('why')
    .argument('<sku>')
    .description('Why every channel shows what it shows for an item, and what happened to it.')
    .option('--json')
    .action(async (sku: string, options: { json?: boolean }) => {
      const answer = await ask<Why>('GET', `/v1/stock/${encodeURIComponent(sku)}`);
      print(options.json, answer, () =>
        [
          `${answer.sku} ${answer.title} · as of ${answer.asOf}`,
          ...answer.cells.map((cell) => `  ${cell.sentence} [${cell.at ?? 'never read'}]`),
          '',
          ...answer.timeline.map((row) => `  ${row.at}  ${row.text}`),
        ].join('\n'),
      );
    });
}
