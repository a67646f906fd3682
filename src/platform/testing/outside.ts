import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * The vendors' own packages live in test/vendor, installed by `npm test`, so that no shop owner downloads them.
 * @returns the module, or undefined when test/vendor is not installed (tests then skip with a visible line).
 */
// biome-ignore lint/suspicious/noExplicitAny: third-party modules without a common type.
export function vendorModule(name: string): any {
  const require = createRequire(`${root}test/vendor/package.json`);
  try {
    require.resolve(name);
  } catch {
    return undefined;
  }
  return require(name);
}

/** The folder of an installed vendor package, for its data files. */
export function vendorFolder(name: string): string | undefined {
  const folder = `${root}test/vendor/node_modules/${name}`;
  return existsSync(folder) ? folder : undefined;
}

/** A file or folder of the project's reference material beside the checkout; undefined where it is absent. */
export function sharedPath(path: string): string | undefined {
  const full = `${process.env['ONHAND_SHARED'] ?? `${root}../shared`}/${path}`;
  return existsSync(full) ? full : undefined;
}
