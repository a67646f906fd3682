import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One file as the rules see it. Made-up ones serve to show that a rule can fail. */
export interface SourceFile {
  /** From the repository's root, with forward slashes: `src/domain/quantity.ts`. */
  path: string;
  text: string;
}

export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url));

/** Where people write by hand; everything else is installed, built or recorded. */
const FOLDERS = ['src', 'bin', 'scripts', 'bench', 'test', 'docs', 'dashboard'];
/** Recorded traffic and what npm or a build put there keep the names they came with. */
const FOREIGN = new Set(['node_modules', 'dist', 'fixtures', 'recordings', 'generated']);

function walk(folder: string): string[] {
  return readdirSync(`${repositoryRoot}${folder}`, { withFileTypes: true }).flatMap((entry) => {
    if (FOREIGN.has(entry.name) || entry.name.startsWith('.')) return [];
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? walk(path) : [path];
  });
}

/** Every hand-written file under {@link FOLDERS}, in a stable order. */
export function handWrittenPaths(): string[] {
  const present = new Set(readdirSync(repositoryRoot));
  return FOLDERS.filter((folder) => present.has(folder))
    .flatMap(walk)
    .sort();
}

const readAll = (paths: string[]): SourceFile[] =>
  paths.map((path) => ({ path, text: readFileSync(`${repositoryRoot}${path}`, 'utf8') }));

export const isCode = (path: string): boolean => /\.([cm]?[jt]s|[jt]sx)$/.test(path);

/** Tests, and the suite that platforms' tests run: they may reach wherever they need to look. */
export const isTest = (path: string): boolean =>
  path.startsWith('test/') || /^src\/.*\/testing\//.test(path) || /\.(test|bench)\.[jt]sx?$/.test(path);

/** What a browser runs: there the page's own clock and fetch are the only ones. */
export const isBrowserPage = (path: string): boolean =>
  path.startsWith('src/http/page/') || path.startsWith('dashboard/');

/** Runs inside the vendor's own system, with its clock, its ways of calling and the names that it prescribes. */
export const isExtension = (path: string): boolean => /^src\/platforms\/[^/]+\/extension\//.test(path);

export const codeFiles = (): SourceFile[] => readAll(handWrittenPaths().filter(isCode));

/** SQL, HTML and style sheets that ship with the engine: no parser, but words all the same. */
export const textAssets = (): SourceFile[] =>
  readAll(handWrittenPaths().filter((path) => path.startsWith('src/') && /\.(sql|html|css)$/.test(path)));

/** `src/platforms/shopify/` is the platform "shopify": the folders are the list. */
export function platformIds(): string[] {
  return readdirSync(`${repositoryRoot}src/platforms`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}
