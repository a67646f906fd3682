import type { Breach } from './breach.ts';
import { isCode, isExtension, type SourceFile } from './source-tree.ts';

export const LINES_MAX = 350;

const FORBIDDEN = /^(utils?|helpers?|commons?|misc|miscellaneous|stuff|shared|lib)$/;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
/** Documents that every project spells like this. */
const SHOUTED = /^(README|INVARIANTS|CHANGELOG|NOTICE|LICENSE)(\.md)?$/;

/** Length of code files: what cannot be read in one sitting holds two ideas. */
export const lengthBreaches = (files: SourceFile[]): Breach[] =>
  files.flatMap(({ path, text }) => {
    const lines = text.replace(/\n$/, '').split('\n').length;
    if (!isCode(path) || lines <= LINES_MAX || /^(\/\/|\/\*+) @?generated\b/i.test(text)) return [];
    return [
      {
        path,
        say: `has ${lines} lines, more than ${LINES_MAX}: it holds more than one idea. Name the second one and give it its own file beside this one; long tables of cases belong in fixtures/.`,
      },
    ];
  });

/** File and folder names. */
export const nameBreaches = (paths: string[]): Breach[] =>
  paths.flatMap((path): Breach[] => {
    if (isExtension(path)) return [];
    const parts = path.split('/');
    const odd = parts.find((part) => !KEBAB.test(part) && !SHOUTED.test(part));
    if (odd)
      return [
        {
          path,
          say: `"${odd}" is not kebab-case (small letters, digits, hyphens): some file systems hold two spellings for one name.`,
        },
      ];
    const vague = parts.find((part) => part.split(/[-.]/).some((word) => FORBIDDEN.test(word)));
    return vague
      ? [
          {
            path,
            say: `"${vague}" says nothing about what is in it, so anything will end up there: name it after the one thing it holds, or move each function to the file of the idea it serves.`,
          },
        ]
      : [];
  });
