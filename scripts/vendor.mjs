// Installs test/vendor (the vendors' own SDKs and schemas, which only tests use) when it is missing or out of step with
// its lock file; otherwise does nothing, in a few milliseconds. Runs before `npm test`.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../test/vendor/', import.meta.url));
const stamp = `${folder}node_modules/.onhand-lock`;
const lock = createHash('sha256')
  .update(readFileSync(`${folder}package-lock.json`))
  .digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.log("Installing the vendors' SDKs that tests compare with (once per lock file) …");
  const startedMs = performance.now();
  // Their install scripts have nothing to do for us, and would run code that no test asked for.
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  writeFileSync(stamp, lock);
  console.log(`Done in ${((performance.now() - startedMs) / 1000).toFixed(0)} s.`);
}
