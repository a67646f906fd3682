import { Command } from 'commander';
import { UserError } from '../engine/user-error.ts';
import { everyPlatform } from '../platforms/index.ts';
import { askSettings } from './ask-settings.ts';
import { readJsonGiven } from './json-file.ts';
import { ask } from './remote.ts';
import { print, table } from './table.ts';

interface CheckAnswer {
  checks: { name: string; ok: boolean; found: string; next?: string }[];
  firstWrites: {
    writes: { stockKey: string; place: string; from: number; to: number }[];
    total: number;
    toZero: number;
    unitsAdded: number;
    unitsTaken: number;
    notWritten: Record<string, number>;
  };
}

/** channel add | list | check | live | watch | pause | resume | set | remove */
export function channelCommand(): Command {
  const channel = new Command('channel').description('Connect channels and decide what is written to them.');
  channel
    .command('add <platform>')
    .description('Connect one. Asks for its settings, or reads them from a JSON file. It starts in mode watch.')
    .requiredOption('--name <name>', 'what you call it')
    .option('--config <file>', 'settings as JSON, instead of being asked')
    .option('--role <role>', 'sells, keeps or both', 'sells')
    .option('--source <source>', "only the account's sales from here (pos, web …)")
    .action(async (platform: string, options: { name: string; config?: string; role: string; source?: string }) => {
      const known = everyPlatform.find((one) => one.facts.id === platform);
      if (!known)
        throw new UserError('unknown-platform', `There is no platform "${platform}".`, 'See "onhand platforms".');
      if (!options.config) console.log(setupText(known.facts));
      const config = options.config ? readJsonGiven(options.config) : await askSettings(known.config);
      const added = await ask<{ name: string; listings: number; mapped: number; hooks: string[]; next: string }>(
        'POST',
        '/v1/channels',
        { platform, name: options.name, role: options.role, source: options.source ?? null, config },
      );
      console.log(
        [
          `${added.name}: ${added.listings} listings found, ${added.mapped} mapped by SKU.`,
          ...added.hooks,
          `→ ${added.next}`,
        ].join('\n'),
      );
    });
  channel
    .command('list')
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      const answer = await ask<{ asOf: string; channels: Record<string, unknown>[] }>('GET', '/v1/channels');
      print(options.json, answer, () =>
        [
          table(
            answer.channels.map(({ name, platform, account, mode, healthy, trouble, heardUpTo, lastPushAt }) => ({
              name,
              platform,
              account,
              mode,
              state: healthy ? 'working' : trouble,
              'heard up to': heardUpTo,
              'last told': lastPushAt,
            })),
            'No channel yet: onhand channel add PLATFORM --name NAME',
          ),
          `as of ${answer.asOf}`,
        ].join('\n'),
      );
    });
  channel
    .command('check <name>')
    .description('Named tests of its set-up, and what it would be told first.')
    .option('--json')
    .action(async (name: string, options: { json?: boolean }) => {
      const answer = await ask<CheckAnswer>('GET', `/v1/channels/${encodeURIComponent(name)}/check`);
      print(options.json, answer, () => checkText(name, answer));
      if (answer.checks.some((check) => !check.ok)) process.exitCode = 1;
    });
  channel
    .command('live <name>')
    .description('Write to it from now on.')
    .option('--yes', 'I have seen the list of first writes')
    .action(async (name: string, options: { yes?: boolean }) => {
      const path = `/v1/channels/${encodeURIComponent(name)}`;
      const answer = await ask<CheckAnswer>('GET', `${path}/check`);
      if (!options.yes && answer.firstWrites.total > 0)
        throw new UserError(
          'not-approved',
          checkText(name, answer),
          `If the list is right: onhand channel live ${name} --yes`,
        );
      console.log((await ask<{ done: string }>('POST', `${path}/mode`, { mode: 'live', approved: true })).done);
    });
  const mode = (command: string, to: string, description: string) =>
    channel
      .command(`${command} <name>`)
      .description(description)
      .action(async (name: string) => {
        const path = `/v1/channels/${encodeURIComponent(name)}/mode`;
        console.log((await ask<{ done: string }>('POST', path, { mode: to, approved: false })).done);
      });
  mode('watch', 'watch', 'Hear its orders, plan, write nothing.');
  mode('pause', 'paused', 'Stop writing for now; orders are still heard.');
  mode('resume', 'live', 'Write again after a pause.');
  channel
    .command('set <name> <setting> <value>')
    .description('moment, returns, repair, policy (as JSON), copiesFrom (as JSON)')
    .action(async (name: string, setting: string, value: string) => {
      const parsed = /^[[{]/.test(value) ? parseSetting(setting, value) : value;
      const answer = await ask('PATCH', `/v1/channels/${encodeURIComponent(name)}/settings`, { [setting]: parsed });
      console.log(JSON.stringify(answer['settings'], null, 2));
    });
  channel
    .command('remove <name>')
    .description('Disconnect it: its listings show their full numbers, our webhooks go, its credentials are forgotten.')
    .option('--as-is', 'leave the numbers it shows as they are')
    .option('--release-open', 'what its open orders have promised may be sold elsewhere')
    .option('--yes', 'I mean it')
    .action(async (name: string, options: { asIs?: boolean; releaseOpen?: boolean; yes?: boolean }) => {
      if (!options.yes)
        throw new UserError(
          'not-confirmed',
          `${name} would be disconnected and its credentials forgotten. Its history stays.`,
          `If that is meant: onhand channel remove "${name}" --yes`,
        );
      const how = `leave=${options.asIs ? 'as-is' : 'share'}&open=${options.releaseOpen ? 'release' : 'keep'}`;
      const left = await ask<{ done: string; did: string[]; next: string }>(
        'DELETE',
        `/v1/channels/${encodeURIComponent(name)}?${how}`,
      );
      console.log([left.done, ...left.did, `→ ${left.next}`].join('\n'));
    });
  return channel;
}

function setupText(facts: (typeof everyPlatform)[number]['facts']): string {
  const { who, minutes, waitDays, accounts } = facts.setup;
  return `${facts.name}: ${who} can set it up in about ${minutes} minutes${waitDays > 0 ? `, after about ${waitDays} days of waiting for the vendor` : ''}. Needed: ${accounts.join(', ')}.`;
}

function checkText(name: string, { checks, firstWrites }: CheckAnswer): string {
  const notWritten = Object.entries(firstWrites.notWritten).map(
    ([reason, count]) => `  ${count} not written: ${reason}`,
  );
  return [
    ...checks.map(
      (check) =>
        `${check.ok ? 'ok  ' : 'BAD '} ${check.name}: ${check.found}${check.next ? `\n     → ${check.next}` : ''}`,
    ),
    '',
    `If ${name} were live now, ${firstWrites.total} numbers would be written: ${firstWrites.unitsTaken} units taken off, ${firstWrites.unitsAdded} added, ${firstWrites.toZero} set to 0.`,
    ...firstWrites.writes
      .slice(0, 40)
      .map((write) => `  ${write.stockKey} at ${write.place}: ${write.from} → ${write.to}`),
    ...(firstWrites.total > 40 ? [`  … and ${firstWrites.total - 40} more`] : []),
    ...notWritten,
  ].join('\n');
}

function parseSetting(setting: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    const next = `Quote it for your shell: onhand channel set NAME ${setting} '{"buffer": 1}'`;
    throw new UserError('not-json', `${value} is not JSON.`, next);
  }
}
