import { Command } from 'commander';
import { everyPlatform } from '../platforms/index.ts';
import { print, table } from './table.ts';

/** platforms [--json] */
export function platformsCommand(): Command {
  return new Command('platforms')
    .description('The platforms Onhand can connect, and how far each is proved.')
    .option('--json')
    .action((options: { json?: boolean }) => {
      const facts = everyPlatform.map((platform) => platform.facts);
      print(options.json, facts, () =>
        [
          table(
            facts.map((one) => ({
              id: one.id,
              name: one.name,
              trigger: one.trigger,
              write: one.writeCall,
              guard: one.push.mode,
              batch: one.push.batchMax,
              proof: one.evidence.rung,
              checked: one.evidence.checkedAt,
            })),
            'none',
          ),
          '',
          ...facts.map((one) => `${one.id}: ${one.evidence.rung}. ${one.evidence.why}`),
          '',
          'modelled → contract (vendor schema) → client (vendor SDK works against our stand-in) → server (vendor software) → live',
        ].join('\n'),
      );
    });
}
