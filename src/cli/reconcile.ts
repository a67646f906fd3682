import { Command } from 'commander';
import type { ReconcileReport } from '../engine/reconcile.ts';
import { ask } from './remote.ts';
import { print, table } from './table.ts';

/** reconcile [CHANNEL] */
export function reconcileCommand(): Command {
  return new Command('reconcile')
    .argument('[channel]')
    .description("Reads every number of a channel, explains what differs, repairs by the channel's rule.")
    .option('--decide <who>', 'for what is open: "ledger" or "channel" is right')
    .option('--json')
    .action(async (channel: string | undefined, options: { decide?: string; json?: boolean }) => {
      const names = channel
        ? [channel]
        : (await ask<{ channels: { name: string }[] }>('GET', '/v1/channels')).channels.map((one) => one.name);
      const reports: ReconcileReport[] = [];
      for (const name of names) {
        if (!options.json) console.error(`reading ${name} …`);
        const path = `/v1/channels/${encodeURIComponent(name)}`;
        reports.push(await ask<ReconcileReport>('POST', `${path}/reconcile`, {}));
        if (options.decide) {
          const { done } = await ask<{ done: string }>('POST', `${path}/drift`, { decision: options.decide });
          if (!options.json) console.error(`${name}: ${done}`);
        }
      }
      print(options.json, reports, () => reports.map(text).join('\n\n'));
    });
}

function text(report: ReconcileReport): string {
  const { judged } = report;
  return [
    `${report.channel}: ${report.read} numbers read, ${report.cells} of them ours, ${report.agreeing} as believed`,
    `  explained: ${judged.agrees} by a sale in flight, ${judged.ours} by our own writes, ${judged.returned} by returns; ${judged.repaired} repaired by rule, ${report.waiting} waiting for the feeds`,
    report.open.length === 0
      ? '  nothing unexplained'
      : `${table(report.open, '')}\n→ onhand reconcile ${report.channel} --decide ledger   (or: channel)`,
  ].join('\n');
}
