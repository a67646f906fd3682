import { readFileSync } from 'node:fs';

/** As in package.json, two folders up both from src/cli and from dist/cli. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
