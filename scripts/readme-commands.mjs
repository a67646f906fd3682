// Runs the README's own commands, as a stranger would: a fresh clone in a temporary folder, one shell per block.
//   ```sh ci                      each line must exit 0
//   ```sh ci until="text"         the last line keeps running: wait for the text, press Ctrl-C, expect a clean end
// Blocks run in order in the same clone. Prints one line per block, and with --json FILE writes { passed, failed }.
// --repository FOLDER takes another repository than this one.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const BLOCK_TIMEOUT_MS = 10 * 60_000;
const STOP_TIMEOUT_MS = 30_000;
const { values: options } = parseArgs({ options: { json: { type: 'string' }, repository: { type: 'string' } } });
const root = options.repository ?? fileURLToPath(new URL('../', import.meta.url));

/** Blocks whose info string starts with "sh ci", in the order of the page. */
function blocksOf(markdown) {
  return [...markdown.matchAll(/^```sh ci(?: until="([^"]+)")?\n([\s\S]*?)^```$/gm)].map(([, until, text]) => ({
    until,
    commands: text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#')),
  }));
}

/** Runs one block in its own process group, so that whatever it started can be ended with it. */
function runBlock({ until, commands }, folder) {
  return new Promise((resolve) => {
    const shell = spawn('bash', ['-eo', 'pipefail', '-c', commands.join('\n')], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    let stopping = false;
    const signalAll = (signal) => {
      try {
        process.kill(-shell.pid, signal);
      } catch {
        // Everyone is gone already.
      }
    };
    const timers = [
      setTimeout(() => {
        printed += `\nnot finished after ${BLOCK_TIMEOUT_MS / 60_000} minutes`;
        stopping = false;
        signalAll('SIGKILL');
      }, BLOCK_TIMEOUT_MS),
    ];
    const hear = (chunk) => {
      printed += chunk;
      if (!until || stopping || !printed.includes(until)) return;
      stopping = true;
      signalAll('SIGINT');
      timers.push(
        setTimeout(() => {
          printed += `\nstill running ${STOP_TIMEOUT_MS / 1000} s after Ctrl-C`;
          signalAll('SIGKILL');
        }, STOP_TIMEOUT_MS),
      );
    };
    shell.stdout.setEncoding('utf8').on('data', hear);
    shell.stderr.setEncoding('utf8').on('data', hear);
    shell.on('close', (code, signal) => {
      for (const timer of timers) clearTimeout(timer);
      signalAll('SIGKILL');
      // Whoever is told Ctrl-C may end in peace or by that very signal, as npm does; not by being killed later.
      const ok = stopping ? code === 0 || code === 130 || signal === 'SIGINT' : code === 0 && until === undefined;
      resolve({ ok, printed, ended: signal ?? `exit ${code}` });
    });
  });
}

const blocks = blocksOf(readFileSync(join(root, 'README.md'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'onhand-readme-'));
const counts = { passed: 0, failed: 0 };
try {
  execFileSync('git', ['clone', '--quiet', root, join(folder, 'onhand')], { stdio: 'inherit' });
  for (const block of blocks) {
    const startedMs = performance.now();
    const { ok, printed, ended } = await runBlock(block, join(folder, 'onhand'));
    counts[ok ? 'passed' : 'failed'] += 1;
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${seconds.padStart(4)} s  ${block.commands.join(' ; ')}`);
    if (!ok) console.log(`${printed.slice(-4000)}\n(${ended}${block.until ? `, waited for "${block.until}"` : ''})`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
if (blocks.length === 0) {
  console.log('FAIL  README.md has no block marked "sh ci": nothing was tried');
  counts.failed += 1;
}
if (options.json) writeFileSync(options.json, JSON.stringify(counts));
process.exitCode = counts.failed > 0 ? 1 : 0;
