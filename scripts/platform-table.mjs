// The README's table of platforms and the page docs/platforms/README.md, made from the platforms' facts.
// --write puts them where they belong; --check fails when one is old. Needs a build: node scripts/build.mjs
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const BEGIN = '<!-- platforms: node scripts/platform-table.mjs --write -->';
const END = '<!-- /platforms -->';
const GUARD = {
  cas: 'compare-and-set',
  delta: 'differences, each with our key',
  'as-of': 'dated',
  blind: 'none: read just before',
  none: 'never written',
};
const HEARD = { webhook: 'webhook', queue: 'queue', none: 'polling' };

const { everyPlatform } = await import(new URL('dist/platforms/index.js', root).href);
const all = everyPlatform.map(({ facts }) => facts);

const line = (cells) =>
  `| ${cells.map((text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
const table = (head, rows) => [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
const guide = (facts, from) => {
  const file = `src/platforms/${facts.id}/README.md`;
  return existsSync(new URL(file, root)) ? `[${facts.name}](${from}${file})` : facts.name;
};
const proof = ({ evidence }) => `${evidence.rung} (${evidence.checkedAt})`;

const short = table(
  ['platform, and its guide', 'heard by', 'guard of a write', 'proved by'],
  all.map((facts) => [guide(facts, ''), HEARD[facts.hooks.kind], GUARD[facts.push.mode], proof(facts)]),
);

const time = (ms) =>
  ms < 1_000
    ? `${ms} ms`
    : ms < 60_000
      ? `${ms / 1_000} s`
      : ms < 3_600_000
        ? `${ms / 60_000} min`
        : `${ms / 3_600_000} h`;
function limit([name, budget]) {
  const number = (value) => Math.round(value * 10_000) / 10_000;
  if (budget.kind === 'tokens') return `${name}: ${number(budget.perSecond)} a second, ${budget.burst} at once`;
  if (budget.kind === 'cost') return `${name}: ${budget.size} points, ${number(budget.perSecond)} back a second`;
  if (budget.kind === 'in-flight') return `${name}: ${budget.max} under way at once`;
  return `${name}: ${budget.max} in ${time(budget.perMs)}`;
}
const list = (items) => items.map((item) => `- ${item}`).join('\n');
const section = (facts) => `## ${facts.name}

${table(
  ['', ''],
  [
    ['id', `\`${facts.id}\`, ${facts.apiVersion}`],
    ['a sale is heard by', facts.trigger],
    ['signature', facts.hooks.signature ?? 'none'],
    ['when we do not answer', facts.hooks.retries],
    ['stock is written by', facts.writeCall],
    ['guard', `${GUARD[facts.push.mode]}; at most ${facts.push.batchMax} a call, ${facts.push.decimals} decimals`],
    ['sells below zero', { atomic: 'no', racy: 'in races', no: 'yes' }[facts.push.refusesBelowZero]],
    [
      'feeds',
      Object.entries(facts.feeds)
        .map(([name, feed]) => `${name} every ${time(feed.everyMs)}`)
        .join(', ') || 'none',
    ],
    ['limits', Object.entries(facts.budgets).map(limit).join('; ') || 'none'],
    [
      'set up by',
      `${facts.setup.who} (${facts.setup.minutes} minutes${facts.setup.waitDays ? `, then ${facts.setup.waitDays} days of waiting` : ''})`,
    ],
    ['proved by', `**${facts.evidence.rung}**, ${facts.evidence.checkedAt}: ${facts.evidence.why}`],
  ],
)}

Guide: ${guide(facts, '../../')}

Not supported:

${list(facts.notSupported.length > 0 ? facts.notSupported : ['nothing known'])}
`;
const page = `# Platforms

Made from each platform's \`facts.ts\` by \`node scripts/platform-table.mjs --write\`; \`onhand platforms\` prints the same.

Proved, from weak to strong: modelled → contract (the vendor's schema) → client (the vendor's own SDK works against our
stand-in) → server (the vendor's software) → live.

${table(
  ['platform', 'heard by', 'guard of a write', 'proved by'],
  all.map((facts) => [facts.name, HEARD[facts.hooks.kind], GUARD[facts.push.mode], proof(facts)]),
)}

${all.map(section).join('\n')}`;

const readmeFile = fileURLToPath(new URL('README.md', root));
const readme = readFileSync(readmeFile, 'utf8');
const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)];
if (from < 0 || to < from) throw new Error(`README.md lacks the markers ${BEGIN} and ${END}`);
const pageFile = fileURLToPath(new URL('docs/platforms/README.md', root));
const wanted = new Map([
  [readmeFile, `${readme.slice(0, from + BEGIN.length)}\n${short}\n${readme.slice(to)}`],
  [pageFile, page],
]);
if (process.argv.includes('--write')) {
  mkdirSync(new URL('docs/platforms/', root), { recursive: true });
  for (const [file, text] of wanted) writeFileSync(file, text);
} else if (process.argv.includes('--check')) {
  for (const [file, text] of wanted)
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
      console.error(`${file} is old: node scripts/platform-table.mjs --write`);
      process.exitCode = 1;
    }
} else console.log(short);
