// Compiles src to dist, and copies the files that are read at run time beside it (SQL, pages).
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
let tsc;
try {
  tsc = join(dirname(createRequire(join(root, 'package.json')).resolve('typescript/package.json')), 'bin/tsc');
} catch {
  // Installed from a packed archive: dist came with it and there is no compiler to run.
  if (existsSync(join(root, 'dist'))) process.exit(0);
  throw new Error('No compiler and no dist: run npm ci with development dependencies.');
}
rmSync(join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit', cwd: root });
for (const folder of ['store/migrations', 'http/page']) {
  const from = join(root, 'src', folder);
  if (existsSync(from))
    cpSync(from, join(root, 'dist', folder), { recursive: true, filter: (path) => !path.endsWith('.ts') });
}
