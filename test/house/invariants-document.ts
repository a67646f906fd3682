import type { TaggedTest } from './tagged-tests.ts';

/** docs/INVARIANTS.md: a heading `## I1 · …` per invariant, its promise, and the tests that hold it. */
export const INVARIANTS_PATH = 'docs/INVARIANTS.md';

const HELD_BY = 'Held by:';

/** The invariants the document promises, in its order. */
export const promisedInvariants = (document: string): string[] =>
  [...document.matchAll(/^## (I\d+) · /gm)].map(([, id]) => id ?? '');

/**
 * The document with each "Held by:" list written anew from the tests' tags. Everything a person wrote stays.
 * `node scripts/invariants.mjs --write` stores it; the house test compares it with what is stored.
 */
export function withTests(document: string, tests: TaggedTest[]): string {
  return document
    .split(/^(?=## )/m)
    .map((section) => {
      const id = /^## (I\d+) · /.exec(section)?.[1];
      if (!id) return section;
      const held = tests.filter(({ invariant }) => invariant === id);
      const rows = [...new Set(held.map(({ path, title }) => `- \`${path}\` › ${title}`))];
      const [prose = ''] = section.split(`\n${HELD_BY}\n`);
      return `${prose.trimEnd()}\n\n${HELD_BY}\n\n${rows.join('\n') || '- nothing yet'}\n\n`;
    })
    .join('')
    .replace(/\n+$/, '\n');
}
