// Prints what the contract suite found in its last run of each platform: platform × group of rules.
// Run the platforms' tests first (npx vitest run src/platforms); --rules lists every rule with its note.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const COLUMNS = {
  signatures: 'signature cases',
  'order effects': 'order effects',
  failures: 'failure classes',
  limits: 'limits under flood',
  paging: 'paging',
  feeds: 'feeds',
  'partial failure': 'partial failure',
  renewal: 'renewal',
  echo: 'echo',
  settle: 'settle',
};
/** Groups whose figure says more than how many rules hold. */
const TOLD_BY = { limits: 'flood', echo: 'echo', settle: 'settle' };

const folder = join(tmpdir(), 'onhand-contract');
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
if (files.length === 0) {
  console.error('No run yet: npx vitest run src/platforms');
  process.exit(1);
}
const platforms = files.sort().map((name) => ({
  id: name.replace(/\.json$/, ''),
  rows: JSON.parse(readFileSync(join(folder, name), 'utf8')),
}));

function cell(rows, group) {
  const of = rows.filter((row) => row.group === group);
  const count = (result) => of.filter((row) => row.result === result).length;
  const [holds, broken, exempt] = [count('holds'), count('broken'), count('exempt')];
  if (holds + broken + exempt === 0) return '–';
  const note = of.find((row) => row.rule === TOLD_BY[group] && row.result === 'holds')?.note;
  const words = [note || `${holds} of ${holds + broken + exempt}`];
  if (exempt > 0) words.push(`${exempt} exempt`);
  if (broken > 0) words.push(`${broken} BROKEN`);
  return words.join(', ');
}

const table = [
  ['platform', ...Object.values(COLUMNS)],
  ...platforms.map(({ id, rows }) => [id, ...Object.keys(COLUMNS).map((group) => cell(rows, group))]),
];
const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
for (const [index, row] of table.entries()) {
  console.log(`| ${row.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`);
  if (index === 0) console.log(`| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
}
console.log('\n– the platform has no such thing; exempt: it cannot do this, with the reason in its test file.');

if (process.argv.includes('--rules'))
  for (const { id, rows } of platforms) {
    console.log(`\n${id}`);
    for (const { group, rule, result, note } of rows)
      console.log(`  ${result.padEnd(6)} ${group} / ${rule}${note ? `: ${note}` : ''}`);
  }
if (platforms.some(({ rows }) => rows.some((row) => row.result === 'broken'))) process.exitCode = 1;
