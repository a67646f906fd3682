// Writes the tests that hold each invariant into docs/INVARIANTS.md, from the [I7] tags in test titles.
// Without --write: prints what would change and exits 1 if anything would.
import { readFileSync, writeFileSync } from 'node:fs';
import { tsImport } from 'tsx/esm/api';

const house = (name) => tsImport(`../test/house/${name}.ts`, import.meta.url);
const { codeFiles, repositoryRoot } = await house('source-tree');
const { taggedTests } = await house('tagged-tests');
const { INVARIANTS_PATH, promisedInvariants, withTests } = await house('invariants-document');

const path = `${repositoryRoot}${INVARIANTS_PATH}`;
const before = readFileSync(path, 'utf8');
const tests = taggedTests(codeFiles().filter((file) => !file.path.startsWith('test/house/')));
const after = withTests(before, tests);
if (process.argv.includes('--write')) writeFileSync(path, after);
for (const id of promisedInvariants(after)) {
  const count = tests.filter((test) => test.invariant === id).length;
  console.log(`${id.padEnd(4)}${count === 0 ? 'no test yet' : `${count} test${count === 1 ? '' : 's'}`}`);
}
if (before !== after && !process.argv.includes('--write')) {
  console.error(`${INVARIANTS_PATH} is behind the tests: node scripts/invariants.mjs --write`);
  process.exitCode = 1;
}
