// The README's table of platforms, made from their facts. --write puts it between the markers; --check fails when it is old.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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

const { everyPlatform } = await import(new URL('dist/platforms/index.js', root).href);
const rows = everyPlatform.map(({ facts }) => {
  const guide = `src/platforms/${facts.id}/README.md`;
  const name = existsSync(new URL(guide, root)) ? `[${facts.name}](${guide})` : facts.name;
  return [
    name,
    facts.trigger,
    facts.writeCall,
    GUARD[facts.push.mode],
    `${facts.evidence.rung} (${facts.evidence.checkedAt})`,
  ];
});
const table = [
  ['platform, and its guide', 'we hear by', 'stock is written by', 'guard', 'proved by'],
  ['---', '---', '---', '---', '---'],
  ...rows,
]
  .map((row) => `| ${row.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`)
  .join('\n');

const file = fileURLToPath(new URL('README.md', root));
const readme = readFileSync(file, 'utf8');
const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)];
if (from < 0 || to < from) throw new Error(`README.md lacks the markers ${BEGIN} and ${END}`);
const fresh = `${readme.slice(0, from + BEGIN.length)}\n${table}\n${readme.slice(to)}`;
if (process.argv.includes('--write')) writeFileSync(file, fresh);
else if (process.argv.includes('--check')) {
  if (fresh !== readme) {
    console.error('The table of platforms in README.md is old: node scripts/platform-table.mjs --write');
    process.exitCode = 1;
  }
} else console.log(table);
