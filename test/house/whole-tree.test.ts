import { execFile, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from './source-tree.ts';

/** Runs a script over the whole tree. @returns what it printed when it failed, '' when it passed. */
function complaints(command: string, args: string[]): Promise<string> {
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      [`${repositoryRoot}${command}`, ...args],
      { cwd: repositoryRoot, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, NO_COLOR: '1' } },
      (error, out, err) => resolve(error ? `${out}${err}` || String(error) : ''),
    ),
  );
}

// The same three as `npm run check`: here so that `npm test` cannot be green without them.
describe('the whole tree', () => {
  it('passes the linter and is formatted (npm run lint)', { timeout: 180_000 }, async () => {
    expect(await complaints('node_modules/@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.'])).toBe('');
  });
  it('has no type errors (npm run types)', { timeout: 180_000 }, async () => {
    expect(await complaints('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json'])).toBe('');
  });
  it('has no unused file, export or dependency (npm run unused)', { timeout: 180_000 }, async () => {
    expect(await complaints('node_modules/knip/bin/knip.js', ['--no-progress'])).toBe('');
  });
  it('locks every platform a package has a binary for, so that npm ci works on each', async () => {
    expect(await complaints('scripts/lock-platforms.mjs', ['--check'])).toBe('');
  });
  it('names no machine: no checkout path, no registry', ({ skip }) => {
    const git = (...args: string[]) => spawnSync('git', args, { cwd: repositoryRoot, encoding: 'utf8' });
    if (git('rev-parse', '--git-dir').status !== 0) skip('not a git checkout');
    const pattern = '(/root|/home/[a-z]+|/work)/[a-z]|registry[.](npmjs|yarnpkg)[.]';
    const found = git('grep', '-nE', pattern, '--', '.', ':!*/fixtures/*', ':!test/house/whole-tree.test.ts');
    expect(found.stderr).toBe('');
    expect(found.stdout, 'somebody else has neither that folder nor that registry').toBe('');
  });
});
