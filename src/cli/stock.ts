import { Command } from 'commander';
import { instant } from './instant.ts';
import { ask } from './remote.ts';
import { print, table } from './table.ts';

interface StockPage {
  asOf: string;
  next: string | null;
  items: {
    sku: string;
    title: string;
    levels: { location: string; onHand: number; committed: number; available: number; changedAt: string }[];
    channels: { channel: string; place: string; shows: number | null; aside: string | null; at: string | null }[];
  }[];
}

/** stock show [TEXT] · receive · adjust · count · transfer */
export function stockCommand(): Command {
  const stock = new Command('stock').description('Look at stock and change it.');
  stock
    .command('show [text]')
    .description('Items whose SKU or title contains TEXT.')
    .option('--at <date>', 'levels of one SKU as they were then (ISO 8601)')
    .option('--json')
    .action(async (text: string | undefined, options: { at?: string; json?: boolean }) => {
      if (options.at) {
        const at = await ask(
          'GET',
          `/v1/stock/${encodeURIComponent(text ?? '')}?at=${encodeURIComponent(instant(options.at))}`,
        );
        return print(options.json, at, () =>
          table(at['levels'] as Record<string, unknown>[], 'No movement up to then.'),
        );
      }
      const page = await ask<StockPage>('GET', `/v1/stock?limit=200&search=${encodeURIComponent(text ?? '')}`);
      print(options.json, page, () => {
        const rows = page.items.flatMap((item) =>
          item.levels.map(({ changedAt, ...level }) => ({ sku: item.sku, ...level, 'changed at': changedAt })),
        );
        return `${table(rows, 'Nothing is called that.')}\nas of ${page.asOf}${page.next ? ' · more: narrow the text' : ''}`;
      });
    });
  const change = (name: string, description: string) =>
    stock
      .command(`${name} <sku> <units>`)
      .description(description)
      .requiredOption('--at <location>', 'the location')
      .option('--note <text>', 'why');
  change('receive', 'Goods came in.')
    .option('--new', 'add the item and the location where they are not there yet')
    .option('--title <text>', 'what a new item is called', '')
    .action((sku, units, options) => (options.new ? open(sku, units, options) : send('receive', sku, units, options)));
  change('adjust', 'A correction, up or down (write -- before a negative number).').action((sku, units, options) =>
    send('adjust', sku, units, options),
  );
  change('count', 'Somebody counted.')
    .option('--counted-at <date>', 'when it was counted (ISO 8601); sales since then are kept')
    .action((sku, units, options) =>
      send('count', sku, units, options, options.countedAt ? { countedAt: instant(options.countedAt) } : {}),
    );
  change('transfer', 'From one location to another.')
    .requiredOption('--to <location>', 'the other location')
    .action((sku, units, options) => send('transfer', sku, units, options, { to: options.to }));
  return stock;
}

async function open(sku: string, units: string, options: { at: string; title: string }): Promise<void> {
  const row = { sku, title: options.title, location: options.at, units: Number(units) };
  await ask('POST', '/v1/stock/open', { rows: [row] });
  console.log(`received ${units} of ${sku} at ${options.at}`);
}

async function send(
  what: string,
  sku: string,
  units: string,
  options: { at: string; note?: string },
  more: Record<string, unknown> = {},
): Promise<void> {
  const body = { sku, units: Number(units), location: options.at, note: options.note, ...more };
  console.log((await ask<{ done: string }>('POST', `/v1/stock/${what}`, body)).done);
}
