// Completes the lock files: a package that ships one binary per platform names them all as optional dependencies, but
// `npm install` leaves those out that the registry at hand does not serve, and `npm ci` then refuses the whole file
// ("Missing: … from lock file"), on this platform and on every other. Each gets the entry it would have had, with the
// exact version its parent asks for. Run after every change of dependencies. --check only tells, and exits 1.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FILES = ['package-lock.json', 'test/vendor/package-lock.json'];
const SYSTEMS = 'aix android darwin freebsd linux netbsd openbsd openharmony sunos win32'.split(' ');
const PROCESSORS = 'arm64 arm ia32 loong64 mips64el ppc64 riscv64 s390x x64 wasm32'.split(' ');

/** `@rollup/rollup-linux-x64-musl` runs on linux, x64, musl. npm skips what does not fit without asking for it. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  const libc =
    os !== 'linux' ? undefined : words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : undefined;
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }) };
}

/** Adds what is missing. @returns the lock file's text, in npm's own format and order */
function completeLock(text) {
  const lock = JSON.parse(text);
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const own = `${path}/node_modules/${name}`;
      const shared = `node_modules/${name}`;
      if (lock.packages[own] || lock.packages[shared] || !/^\d+\.\d+\.\d+/.test(version)) continue;
      lock.packages[shared] = { version, ...platformOf(name), ...(entry.dev && { dev: true }), optional: true };
    }
  }
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(sorted);
  return `${JSON.stringify(lock, null, 2)}\n`;
}

const check = process.argv.includes('--check');
for (const name of FILES) {
  const file = fileURLToPath(new URL(`../${name}`, import.meta.url));
  if (!existsSync(file)) continue;
  const before = readFileSync(file, 'utf8');
  const after = completeLock(before);
  if (after !== before && !check) writeFileSync(file, after);
  if (after !== before && check) process.exitCode = 1;
  console.log(
    `${name}: ${after === before ? 'complete' : check ? 'incomplete: node scripts/lock-platforms.mjs' : 'completed'}`,
  );
}
