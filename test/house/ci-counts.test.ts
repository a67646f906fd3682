import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from './source-tree.ts';

/** Lets .ci/counts.mjs add up the given reports. @returns its closing line and exit code. */
function countsOf(reports: Record<string, string | object>): { line: string | undefined; code: number | null } {
  const folder = mkdtempSync(join(tmpdir(), 'onhand-counts-'));
  try {
    for (const [name, content] of Object.entries(reports))
      writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
    const run = spawnSync(process.execPath, [`${repositoryRoot}.ci/counts.mjs`, folder], { encoding: 'utf8' });
    return { line: run.stdout.trim().split('\n').at(-1), code: run.status };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const vitest = (passed: number, failed: number, pending = 0, testResults: object[] = []) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: pending,
  numTodoTests: 0,
  testResults,
});

it('adds up every step, and is green only when all are', () => {
  expect(
    countsOf({ 'a.exit': '0\n', 'a.json': vitest(5, 0, 2), 'b.exit': '0', 'b.json': { passed: 1, failed: 0 } }),
  ).toEqual({
    line: '6 passed, 0 failed, 2 skipped',
    code: 0,
  });
  expect(countsOf({ 'a.exit': '1', 'a.json': vitest(5, 2) })).toEqual({
    line: '5 passed, 2 failed, 0 skipped',
    code: 1,
  });
});

it('counts a step that broke before it could count, and a file that did not load', () => {
  expect(countsOf({ 'a.exit': '0', 'a.json': vitest(5, 0), 'npm-ci.exit': '1' }).line).toBe(
    '5 passed, 1 failed, 0 skipped',
  );
  expect(countsOf({ 'a.exit': '124', 'a.json': vitest(5, 0) }).line).toBe('5 passed, 1 failed, 0 skipped');
  expect(countsOf({ 'a.exit': '1', 'a.json': '{"cut' })).toEqual({ line: '0 passed, 1 failed, 0 skipped', code: 1 });
  const unloadable = [{ status: 'failed', assertionResults: [] }];
  expect(countsOf({ 'a.exit': '1', 'a.json': vitest(5, 0, 0, unloadable) }).line).toBe('5 passed, 1 failed, 0 skipped');
});

it('is red when nothing ran', () => {
  expect(countsOf({}).code).toBe(1);
});
