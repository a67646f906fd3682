// Prints what the contract suite found in its last run of each platform: platform × group of rules.
// Run the platforms' tests first (npx vitest run src/platforms); --rules lists every rule with its note; --write keeps both
// in docs/platforms/contract.md.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
const line = (row) => `| ${row.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
const [head, ...body] = table;
const LEGEND = '– the platform has no such thing; exempt: it cannot do this, with the reason in its test file.';
const summary = [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
const rules = platforms.map(({ id, rows }) => [
  id,
  rows.map(({ group, rule, result, note }) => `${result.padEnd(6)} ${group} / ${rule}${note ? `: ${note}` : ''}`),
]);

console.log(`${summary}\n\n${LEGEND}`);
if (process.argv.includes('--rules'))
  for (const [id, lines] of rules) console.log(`\n${id}\n${lines.map((text) => `  ${text}`).join('\n')}`);
if (process.argv.includes('--write')) {
  const file = new URL('../docs/platforms/contract.md', import.meta.url);
  mkdirSync(new URL('.', file), { recursive: true });
  const each = rules.map(([id, lines]) => `## ${id}\n\n\`\`\`text\n${lines.join('\n')}\n\`\`\``).join('\n\n');
  writeFileSync(
    file,
    `# What the contract suite found\n\nRun on ${new Date().toISOString().slice(0, 10)} with Node ${process.versions.node}: \`npx vitest run src/platforms && node scripts/contract-table.mjs --write\`.\nEach platform's own stand-in, driven through the real client; the rules are in \`src/platform/testing\`.\n\n${summary}\n\n${LEGEND}\n\n${each}\n`,
  );
}
