import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** A module of ours beside `from`: built, the `.ts` beside us is a `.js`. */
const built = (source: URL) => new URL(source.href.replace(/\.ts$/, '.js'));
const fromSource = (from: string) => from.endsWith('.ts');

/** What Node takes to run a module of ours as a program. From source (tests, development) tsx is installed, and Node 20 needs it. */
export function programOf(source: URL, from: string): { url: URL; execArgv: string[] } {
  if (!fromSource(from)) return { url: built(source), execArgv: [] };
  return { url: source, execArgv: ['--import', pathToFileURL(createRequire(from).resolve('tsx')).href] };
}

/** The same for a worker thread, in which Node 20 ignores the hooks of `--import`. */
export function threadOf(source: URL, from: string): URL {
  if (!fromSource(from)) return built(source);
  // By its folder: resolve() gives the CommonJS twin, which does not find its own parts here.
  const tsx = new URL('dist/esm/api/index.mjs', pathToFileURL(createRequire(from).resolve('tsx/package.json'))).href;
  const script = `import { register } from ${JSON.stringify(tsx)}; register(); await import(${JSON.stringify(source.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}
