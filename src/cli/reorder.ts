import { Command } from 'commander';
import type { ReorderLine } from '../engine/reorder.ts';
import { UserError } from '../engine/user-error.ts';
import { ask } from './remote.ts';
import { print, table } from './table.ts';

interface SetOptions {
  at: string;
  point?: string;
  upTo?: string;
  leadDays?: string;
  leadDeviation?: string;
  service?: string;
  reviewDays?: string;
}

/** reorder · reorder set · unset · notify */
export function reorderCommand(): Command {
  const reorder = new Command('reorder')
    .description('What to order now, and when.')
    .option('--all', 'every item with a reorder point')
    .option('--location <name>', 'only there')
    .option('--json')
    .action(async (options: { all?: boolean; location?: string; json?: boolean }) => {
      const query = new URLSearchParams({ show: options.all ? 'all' : 'low', limit: '5000' });
      if (options.location) query.set('location', options.location);
      const list = await ask<{ asOf: string; items: ReorderLine[] }>('GET', `/v1/reorder?${query}`);
      print(options.json, list, () => {
        const empty = options.all ? 'No item has a reorder point: onhand reorder set --help' : 'Nothing is low.';
        return `${table(list.items.map(row), empty)}\nas of ${list.asOf}`;
      });
    });
  reorder
    .command('set <sku>')
    .description(
      'By hand with --point and --up-to, or from the sales of the last 56 days with --lead-days and --service.',
    )
    .requiredOption('--at <location>', 'the location')
    .option('--point <units>', 'order when what is available is at or below this')
    .option('--up-to <units>', 'order up to this')
    .option('--lead-days <days>', 'from ordering to having it on the shelf')
    .option('--service <share>', 'share of replenishments during which nothing runs out, like 0.95')
    .option('--review-days <days>', 'days between two orders; 7 if left out')
    .option('--lead-deviation <days>', 'how much the lead time varies (standard deviation); 0 if left out')
    .action(async (sku: string, options: SetOptions) => {
      const [path, body] = bodyOf(options);
      const answer = await ask<{ done: string; basis?: ReorderLine['basis'] }>('POST', path, {
        sku,
        location: options.at,
        ...body,
      });
      const { basis } = answer;
      console.log(answer.done);
      if (basis)
        console.log(
          `from ${basis.days} days: ${basis.mean} a day, deviation ${basis.deviation}, safety stock ${basis.safetyStock}; computed again every day`,
        );
    });
  reorder
    .command('unset <sku>')
    .description('It is no longer looked at there.')
    .requiredOption('--at <location>', 'the location')
    .action(async (sku: string, options: { at: string }) => {
      const query = new URLSearchParams({ sku, location: options.at });
      console.log((await ask<{ done: string }>('DELETE', `/v1/reorder?${query}`)).done);
    });
  reorder
    .command('notify')
    .description('Who is told, by a signed webhook (Standard Webhooks), when something falls to its point.')
    .option('--url <address>', 'where to send it')
    .option('--secret <whsec>', 'the signing secret; made, and shown once, if left out')
    .option('--off', 'nobody is told any more')
    .action(async (options: { url?: string; secret?: string; off?: boolean }) => {
      if (options.off) return console.log((await ask<{ done: string }>('DELETE', '/v1/reorder/notify')).done);
      if (!options.url) {
        const { notify } = await ask<{ notify: string | null }>('GET', '/v1/reorder?limit=1');
        return console.log(notify ? `${notify} is told.` : 'Nobody is told: onhand reorder notify --url URL');
      }
      const body = { url: options.url, secret: options.secret };
      const { secret, test } = await ask<Notified>('POST', '/v1/reorder/notify', body);
      if (secret) console.log(`Its signing secret, shown this once: ${secret}`);
      console.log(test.ok ? `A test arrived: ${test.said}.` : `Kept, but a test did not arrive: ${test.said}.`);
    });
  return reorder;
}

interface Notified {
  secret?: string;
  test: { ok: boolean; said: string };
}

function bodyOf(options: SetOptions): [path: string, body: Record<string, number>] {
  const given = (names: (keyof SetOptions)[]) => names.filter((name) => options[name] !== undefined);
  const byHand = given(['point', 'upTo']);
  const computed = given(['leadDays', 'service', 'reviewDays', 'leadDeviation']);
  if (byHand.length === 2 && computed.length === 0)
    return ['/v1/reorder', { point: Number(options.point), upTo: Number(options.upTo) }];
  if (byHand.length === 0 && options.leadDays !== undefined && options.service !== undefined)
    return [
      '/v1/reorder/computed',
      {
        leadDays: Number(options.leadDays),
        service: Number(options.service),
        ...(options.reviewDays !== undefined && { reviewDays: Number(options.reviewDays) }),
        ...(options.leadDeviation !== undefined && { leadDeviationDays: Number(options.leadDeviation) }),
      },
    ];
  throw new UserError(
    'reorder-invalid',
    'Give either --point and --up-to, or --lead-days and --service.',
    'By hand: --point 5 --up-to 20. From sales: --lead-days 10 --service 0.95.',
  );
}

const row = (line: ReorderLine) => ({
  sku: line.sku,
  title: line.title,
  location: line.location,
  available: line.available,
  point: line.point,
  'up to': line.upTo,
  order: line.order,
  set: line.rule ? `from sales, ${line.rule.leadDays} days, ${line.rule.service}` : 'by hand',
  'low since': line.lowSince,
});
