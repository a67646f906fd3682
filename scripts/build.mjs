// Compiles src to dist, and copies the files that are read at run time beside it (SQL, pages).
// A dist that was made of exactly these sources stays (npx runs "prepare" again); a new one is made aside and put in its
// place whole, so that a build that fails, or two at once, never leave half of one to whoever is running it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const STAMP = '.sources';
const COPIED = ['store/migrations', 'http/page'];

let compiler;
try {
  compiler = createRequire(join(root, 'package.json')).resolve('typescript/package.json');
} catch {
  // Installed from a packed archive: dist came with it and there is no compiler to run.
  if (existsSync(dist)) process.exit(0);
  throw new Error('No compiler and no dist: run npm ci with development dependencies.');
}

/** One hash of everything that dist is made of: contents, not times, which a clone or an archive does not keep. */
function sourcesHash() {
  const hash = createHash('sha256');
  const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of [...files, join(root, 'tsconfig.json'), join(root, 'tsconfig.build.json'), compiler])
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.update(readFileSync(fileURLToPath(import.meta.url))).digest('hex');
}

/** Puts a whole folder where another may be; whoever comes second at the same moment tries again. */
function replaceDist(made) {
  const old = `${made}-old`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (existsSync(dist)) renameSync(dist, old);
      renameSync(made, dist);
      break;
    } catch (error) {
      if (attempt === 10) throw error;
    } finally {
      rmSync(old, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

const sources = sourcesHash();
const stamp = join(dist, STAMP);
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) process.exit(0);

// Ignored by git and on the same disk, so that it can be renamed.
const made = join(root, 'node_modules', `.onhand-build-${process.pid}`);
mkdirSync(join(root, 'node_modules'), { recursive: true });
try {
  const tsc = join(dirname(compiler), 'bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', made], {
    stdio: 'inherit',
    cwd: root,
  });
  for (const folder of COPIED)
    cpSync(join(root, 'src', folder), join(made, folder), {
      recursive: true,
      filter: (path) => !path.endsWith('.ts'),
    });
  writeFileSync(join(made, STAMP), sources);
  replaceDist(made);
} catch (error) {
  // The compiler has said what is wrong; a stack of ours would hide it.
  if (error.status === undefined) throw error;
  process.exitCode = 1;
} finally {
  rmSync(made, { recursive: true, force: true });
}
