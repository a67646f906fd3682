import type { Breach } from './breach.ts';
import { isBrowserPage, isTest, type SourceFile } from './source-tree.ts';
import { importsOf, resolveSpecifier } from './syntax.ts';

interface Layer {
  /** Folders it may import; `types:` in front allows only `import type`. Its own folder always. */
  own: string[];
  /** Packages and node modules it may import, as patterns. */
  packages: RegExp;
  /** Why, and where the code belongs: the end of the sentence that a breach prints. */
  why: string;
}

/** Names of otherwise closed modules that only compute. */
const PURE_NAMES: Record<string, string[]> = { 'node:net': ['isIP', 'isIPv4', 'isIPv6', 'BlockList'] };

/** Files of runtime/ that only compute with what they are handed: a uuid from a Random replays wherever it is made. */
const PURE_FILES = ['src/runtime/random.ts'];

const NO_PACKAGE = /^$/;
const ANY_PACKAGE = /./;

/**
 * Who may import whom. `platforms/<id>` stands for each platform's folder, `platforms` for the list itself.
 * A folder that is not here has no place in the engine yet: give it a row, with its reason.
 */
export const LAYERS: Record<string, Layer> = {
  domain: {
    own: [],
    packages: NO_PACKAGE,
    why: 'domain/ is arithmetic that must give the same answer in every replay: pass what it needs as an argument, and do the reaching out in engine/.',
  },
  runtime: {
    own: [],
    packages: ANY_PACKAGE,
    why: 'runtime/ wraps the machine and knows nothing of stock: what knows both belongs in engine/ or cli/.',
  },
  platform: {
    own: ['domain', 'types:runtime'],
    packages: /^(zod|lossless-json|node:crypto|node:buffer|node:url|node:querystring)$/,
    why: 'platform/ is the contract that every connector is written against: it may not know who implements or who calls it. Code that stores or decides belongs in engine/.',
  },
  'platforms/<id>': {
    own: ['platform', 'domain', 'types:runtime'],
    packages:
      /^(zod|lossless-json|fast-xml-parser|jose|graphql|node:crypto|node:buffer|node:url|node:zlib|node:querystring)$/,
    why: 'a platform is one folder that can be added or removed alone: what two platforms share belongs in platform/, what needs the store or a socket belongs in engine/ behind the contract.',
  },
  platforms: {
    own: ['platforms/<id>', 'platform'],
    packages: NO_PACKAGE,
    why: 'the list of platforms only lists: whatever it would do belongs in engine/, which is handed the list.',
  },
  store: {
    // Types of the contract: a row carries its records (cell keys, levels, signals) unread.
    own: ['domain', 'types:platform', 'types:runtime'],
    // The embedded database is made, locked and run in threads and child processes; it opens no port.
    packages: /^(pg|@electric-sql\/pglite.*|node:(?!https?$|http2$|net$|tls$|dgram$|dns).*)$/,
    why: 'store/ turns calls into SQL and decides nothing: a decision belongs in domain/ if it is arithmetic, in engine/ if it has steps.',
  },
  engine: {
    own: ['domain', 'platform', 'store', 'runtime'],
    packages: /^(zod|prom-client|pino|standardwebhooks|node:(crypto|buffer|events|async_hooks|zlib|stream.*|util))$/,
    why: 'engine/ must run without sockets, pages or one particular vendor, or the simulation cannot run it: hand it in from cli/ or http/ as an argument.',
  },
  http: {
    own: ['engine', 'domain', 'platform', 'store', 'runtime'],
    packages: ANY_PACKAGE,
    why: 'http/ is an entrance: it is handed the engine and the list of platforms by cli/, and starts nothing itself.',
  },
  sandbox: {
    own: ['platform', 'domain', 'runtime', 'platforms'],
    packages: ANY_PACKAGE,
    why: 'the sandbox is the outside world and judges the engine: if it shared code with the engine, one mistake would agree with itself. Wire the two together in cli/ or test/.',
  },
  cli: {
    own: ['engine', 'http', 'store', 'platform', 'platforms', 'domain', 'runtime', 'sandbox'],
    packages: ANY_PACKAGE,
    why: 'cli/ puts the parts together; a platform by name belongs behind the list src/platforms/index.ts.',
  },
  // src/index.ts: what `import … from "onhand"` gives. It only gathers, so it may gather from anywhere but the commands.
  '.': {
    own: ['engine', 'http', 'store', 'platform', 'platforms', 'domain', 'runtime', 'sandbox'],
    packages: NO_PACKAGE,
    why: 'src/index.ts only gathers what the package exports.',
  },
};

/** The layer of a file below src/, or undefined for files elsewhere. */
export function layerOf(path: string): string | undefined {
  const parts = path.split('/');
  if (parts[0] !== 'src') return undefined;
  if (parts.length === 2) return '.';
  if (parts[1] === 'platforms' && parts.length > 3) return 'platforms/<id>';
  return parts[1];
}

const platformOf = (path: string): string | undefined =>
  layerOf(path) === 'platforms/<id>' ? path.split('/')[2] : undefined;

/** Imports that go against {@link LAYERS}. Tests may look anywhere: they are no part of what runs. */
export function layerBreaches(files: SourceFile[]): Breach[] {
  return files.flatMap((file) => {
    const layer = layerOf(file.path);
    if (!layer || isTest(file.path) || isBrowserPage(file.path)) return [];
    const rules = LAYERS[layer];
    if (!rules)
      return [
        {
          path: file.path,
          say: `src/${layer}/ has no row in test/house/layers.ts: say there whom it may import, and why.`,
        },
      ];
    return importsOf(file).flatMap(({ specifier, names, typeOnly, line }): Breach[] => {
      const breach = (what: string) => [{ path: file.path, line, say: `${what}: ${rules.why}` }];
      const target = resolveSpecifier(file.path, specifier);
      if (target === undefined) {
        const pure = names.length > 0 && names.every((name) => PURE_NAMES[specifier]?.includes(name));
        return pure || rules.packages.test(specifier) ? [] : breach(`imports the package ${specifier}`);
      }
      const to = layerOf(target);
      if (!to) return breach(`imports ${target}, which is outside src/ and is not shipped`);
      if (isTest(target)) return breach(`imports ${target}, which only tests may load`);
      if (to === layer) {
        if (platformOf(file.path) === platformOf(target)) return [];
        return breach(`imports another platform's ${target}`);
      }
      if (rules.own.includes(to) || ((typeOnly || PURE_FILES.includes(target)) && rules.own.includes(`types:${to}`)))
        return [];
      if (rules.own.includes(`types:${to}`))
        return breach(`imports values of ${to}/, of which it may only import types`);
      return breach(`imports ${target}`);
    });
  });
}
