import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { INVARIANTS_PATH, promisedInvariants, withTests } from './invariants-document.ts';
import { codeFiles, repositoryRoot, type SourceFile } from './source-tree.ts';
import { strayTags, taggedTests } from './tagged-tests.ts';

// This folder's own tests speak of tags on purpose.
const files = codeFiles().filter(({ path }) => !path.startsWith('test/house/'));
const tests = taggedTests(files);
const document = readFileSync(`${repositoryRoot}${INVARIANTS_PATH}`, 'utf8');
const promised = promisedInvariants(document);

describe('docs/INVARIANTS.md', () => {
  it('promises I1 to I14, each once and in order', () => {
    expect(promised).toEqual(Array.from({ length: 14 }, (_, index) => `I${index + 1}`));
  });
  it.each(promised)('%s is held by at least one test', (id) => {
    const held = tests.filter(({ invariant }) => invariant === id);
    expect(
      held.length,
      `no title of a running test carries [${id}]: write the test that fails when it is broken`,
    ).toBeGreaterThan(0);
  });
  it('lists exactly the tests that carry its tags', () => {
    expect(document, 'bring it up to date with: node scripts/invariants.mjs --write').toBe(withTests(document, tests));
  });
  it('knows every invariant that a test claims to hold', () => {
    expect(tests.filter(({ invariant }) => !promised.includes(invariant))).toEqual([]);
    expect(strayTags(files)).toEqual([]);
  });
});

describe('each of these can fail', () => {
  const source: SourceFile = {
    path: 'src/a.test.ts',
    text: [
      "describe('posting', () => {",
      "  it('[I2] posts once', () => {});",
      '  it.skipIf(!server)(`[I1, I3] on $' + '{engine}`, () => {});',
      "  it.skip('[I4] is switched off', () => {});",
      "  it.each(rows)('[I5] comes to rest: %s', () => {});",
      "  const note = '[I6] nobody tests';",
      '});',
      "describe.skip('off', () => { it('[I7] never runs', () => {}); });",
      "describe('[I8] limits', () => { it('holds', () => {}); });",
      "suite.rule('[I9] none is refused', 'signatures', 'none', async () => {});",
    ].join('\n'),
  };
  it('finds tags in titles of tests that run, with their group', () => {
    expect(taggedTests([source]).map(({ invariant, title }) => `${invariant} ${title}`)).toEqual([
      'I2 posting › [I2] posts once',
      'I1 posting › [I1, I3] on …',
      'I3 posting › [I1, I3] on …',
      'I5 posting › [I5] comes to rest: %s',
      'I8 [I8] limits',
      'I9 [I9] none is refused',
    ]);
    expect(taggedTests([{ ...source, path: 'src/a.ts' }])).toEqual([]);
  });
  it('finds tags that hold nothing', () => {
    expect(strayTags([source]).map((line) => /\[I\d\]/.exec(line)?.[0])).toEqual(['[I4]', '[I6]', '[I7]']);
  });
  it('rewrites only the lists, and writing twice changes nothing', () => {
    const before = '# T\n\n## I1 · a\n\nWords.\n\nHeld by:\n\n- gone\n\n## I2 · b\n\nMore.\n';
    const after = withTests(before, taggedTests([source]));
    expect(after).toBe(
      '# T\n\n## I1 · a\n\nWords.\n\nHeld by:\n\n- `src/a.test.ts` › posting › [I1, I3] on …\n\n## I2 · b\n\nMore.\n\nHeld by:\n\n- `src/a.test.ts` › posting › [I2] posts once\n',
    );
    expect(withTests(after, taggedTests([source]))).toBe(after);
    expect(withTests(after, [])).toContain('nothing yet');
  });
});
