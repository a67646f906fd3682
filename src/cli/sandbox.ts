import { Command } from 'commander';
import { UserError } from '../engine/user-error.ts';
import { platforms } from '../platforms/index.ts';
import { realClock } from '../runtime/clock.ts';
import { seededRandom } from '../runtime/random.ts';
import { undiciTransport } from '../runtime/transport.ts';
import { listen } from '../sandbox/listen.ts';

const LOCATIONS = [
  { id: '101', name: 'Warehouse' },
  { id: '102', name: 'Shop' },
];

/** sandbox <platform…>: the stand-ins alone, for anyone's own integration tests. */
export function sandboxCommand(): Command {
  return new Command('sandbox')
    .argument('<platforms...>')
    .description('Stand-ins of these platforms on this machine: real API shapes, limits and signatures, made-up goods.')
    .option('--port <number>', 'first port; the next platform gets the next one; 0: any', '4400')
    .option('--hooks <url>', 'where webhooks are sent to', 'http://127.0.0.1:4311/hooks')
    .option('--items <number>', 'goods in each', '20')
    .option('--factor <number>', 'how much faster than the vendor’s own limits and delays', '1')
    .action(async (ids: string[], options: { port: string; hooks: string; items: string; factor: string }) => {
      const send = undiciTransport({ allowPrivateHosts: [new URL(options.hooks).host], ca: undefined });
      const running = [];
      for (const [index, id] of ids.entries()) {
        const platform = platforms.find((one) => one.facts.id === id);
        if (!platform)
          throw new UserError('unknown-platform', `There is no platform "${id}".`, 'See "onhand platforms".');
        const sandbox = platform.sandbox({
          clock: realClock,
          random: seededRandom(index + 1),
          name: `demo-${index + 1}`,
          locations: LOCATIONS,
          factor: Number(options.factor),
          deliver: (hook) => send(hook, { timeoutMs: 5_000 }),
        });
        sandbox.seed(
          Array.from({ length: Number(options.items) }, (_, item) => ({
            sku: `ITEM-${String(item + 1).padStart(4, '0')}`,
            title: `Item ${item + 1}`,
            stock: Object.fromEntries(LOCATIONS.map((location) => [location.id, 10])),
          })),
        );
        const first = Number(options.port);
        const at = await listen(sandbox, first === 0 ? 0 : first + index);
        running.push({
          platform: id,
          url: at.url,
          config: sandbox.config({ api: at.url, hook: `${options.hooks}/${id}` }),
        });
        for (const signal of ['SIGINT', 'SIGTERM'] as const)
          process.once(signal, () => {
            sandbox.close();
            void at.close();
          });
      }
      console.log(JSON.stringify(running, null, 2));
    });
}
