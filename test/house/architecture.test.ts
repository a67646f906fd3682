import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { declaredFunctions, STEPS_MAX, stepsOf } from './architecture-document.ts';
import { LAYERS } from './layers.ts';
import { codeFiles, repositoryRoot } from './source-tree.ts';

const document = readFileSync(`${repositoryRoot}ARCHITECTURE.md`, 'utf8');
const files = new Map(codeFiles().map((file) => [file.path, file]));
const steps = stepsOf(document);

describe('ARCHITECTURE.md', () => {
  it(`tells a sale's way in at most ${STEPS_MAX} steps, numbered, each with a file and a function`, () => {
    expect(steps.length).toBeGreaterThan(3);
    expect(steps.length).toBeLessThanOrEqual(STEPS_MAX);
    expect(steps.map(({ number }) => number)).toEqual(steps.map((_, index) => index + 1));
    expect(steps.filter((step) => 'unreadable' in step)).toEqual([]);
  });
  it.each(steps.flatMap((step) => ('unreadable' in step ? [] : [step])))(
    'step $number, $name, is $symbol of $path',
    ({ path, symbol }) => {
      const file = files.get(path);
      expect(file, `${path} is not there any more: name the file that does this step now`).toBeDefined();
      const declared = file ? [...declaredFunctions(file)] : [];
      expect(declared, `${path} has no ${symbol} any more`).toContain(symbol);
    },
  );
  it('has a row for every folder of src', () => {
    const rows = [...document.matchAll(/^\| `src\/([^`]+)\/` \|/gm)].map(([, folder]) => folder);
    const folders = Object.keys(LAYERS).filter((layer) => layer !== '.' && layer !== 'platforms');
    expect(rows.sort()).toEqual(folders.sort());
  });
});

describe('each of these can fail', () => {
  const page = (lines: string) => `# A\n\n## The way of a sale\n\nWords.\n\n${lines}\n\n## Next\n\n1. not a step\n`;
  it('reads steps of the one section, and shows those it cannot read', () => {
    expect(stepsOf(page('1. **Accept** · `src/a.ts` · `B.c` — does.\n2. Something else'))).toEqual([
      { number: 1, name: 'Accept', path: 'src/a.ts', symbol: 'B.c' },
      { number: 2, unreadable: 'Something else' },
    ]);
  });
  it('knows functions, methods and members of a contract, and nothing that is only called or mentioned', () => {
    const text = [
      'export async function a() { called(); }',
      'const b = (x: number): number => x;',
      'export class C { async d() {} private e = 1; }',
      'interface F { g(): void; h?(): void; i: number }',
      '// function commented() {}',
      'const text = "function quoted() {}";',
    ].join('\n');
    expect([...declaredFunctions({ path: 'src/a.ts', text })].sort()).toEqual(['C.d', 'F.g', 'F.h', 'a', 'b']);
  });
});
