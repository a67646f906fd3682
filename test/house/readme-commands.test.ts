import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from './source-tree.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'onhand-house-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Commits a README into a repository of its own and lets the script try it. */
function tryReadme(readme: string): Promise<{ code: number; printed: string; counts: unknown }> {
  const repository = join(folder, 'repository');
  const json = join(folder, 'counts.json');
  mkdirSync(repository);
  writeFileSync(join(repository, 'README.md'), readme);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: repository });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'x');
  const script = `${repositoryRoot}scripts/readme-commands.mjs`;
  return new Promise((resolve) =>
    execFile(process.execPath, [script, '--repository', repository, '--json', json], (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), printed: out + err, counts: JSON.parse(readFileSync(json, 'utf8')) }),
    ),
  );
}

const serving = (onSignal: string) =>
  `node -e "process.on('SIGINT', () => ${onSignal}); console.log('listening'); setInterval(() => {}, 1000)"`;

describe("the README's commands are tried in a fresh clone", () => {
  it('in order, in one clone, and only those that are marked', async () => {
    const { code, counts } = await tryReadme(
      '```sh ci\necho one > made\n```\n```sh\nexit 9\n```\n```sh ci\n# says what\ntest -s made && test -d .git\n```\n',
    );
    expect({ code, counts }).toEqual({ code: 0, counts: { passed: 2, failed: 0 } });
  });
  it('a line that fails fails its block, wherever it stands', async () => {
    const { code, counts, printed } = await tryReadme('```sh ci\nfalse\ntrue\n```\n```sh ci\ntrue\n```\n');
    expect({ code, counts }).toEqual({ code: 1, counts: { passed: 1, failed: 1 } });
    expect(printed).toContain('FAIL');
  });
  it('what keeps running is stopped by Ctrl-C once it said what was waited for', async () => {
    const { counts } = await tryReadme(
      `\`\`\`sh ci until="listening"\ntrue && ${serving('process.exit(0)')}\n\`\`\`\n`,
    );
    expect(counts).toEqual({ passed: 1, failed: 0 });
  });
  it('it fails when it ends badly, or ends before it said so', async () => {
    const { counts } = await tryReadme(
      `\`\`\`sh ci until="listening"\n${serving('process.exit(3)')}\n\`\`\`\n\`\`\`sh ci until="listening"\ntrue\n\`\`\`\n`,
    );
    expect(counts).toEqual({ passed: 0, failed: 2 });
  });
  it('a README without any such block fails', async () => {
    expect(await tryReadme('# Nothing\n')).toMatchObject({ code: 1, counts: { passed: 0, failed: 1 } });
  });
});
