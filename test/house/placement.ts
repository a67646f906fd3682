import type { Breach } from './breach.ts';
import { isTest, type SourceFile } from './source-tree.ts';
import { lineOf, nameOf, nodes, syntaxTree, wordsSaid } from './syntax.ts';

/** `pushToShopify`, "shopify-eu" and SHOPIFY_URL all name shopify; "ad-squared" does not name square. */
const wordsOf = (text: string): Set<string> =>
  new Set(
    text
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z0-9]+/),
  );

/** Platforms are told apart in src/platforms/ alone. Documents, tests and benches may name what they show. */
const mayNamePlatforms = (path: string): boolean =>
  !/^(src|bin|dashboard)\//.test(path) || path.startsWith('src/platforms/') || isTest(path);

const platformSay = (id: string): string =>
  `names the platform ${id}: one folder and one line in src/platforms/index.ts are all that a platform adds. Ask its facts, or add to the contract what is missing, so that the next platform gets it too.`;

/** The folder for systems of one's own is called by a plain word (zod calls its own issues so too): it names no vendor. */
const PLAIN_WORDS = ['custom'];

/** A platform's id in a name or a string of code (comments may tell examples) or anywhere in SQL, HTML and CSS. */
export function platformNameBreaches(files: SourceFile[], ids: string[]): Breach[] {
  return files.flatMap((file) => {
    if (mayNamePlatforms(file.path)) return [];
    return said(file).flatMap(({ text, line }) => {
      const words = wordsOf(text);
      const named = ids.find((id) => !PLAIN_WORDS.includes(id) && id.split('-').every((word) => words.has(word)));
      return named ? [{ path: file.path, line, say: platformSay(named) }] : [];
    });
  });
}

function said(file: SourceFile): { text: string; line: number }[] {
  if (/\.(sql|html|css)$/.test(file.path))
    return file.text
      .replace(/<!--[\s\S]*?-->|\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
      .split('\n')
      .map((text, index) => ({ text: file.path.endsWith('.sql') ? text.replace(/--.*/, '') : text, line: index + 1 }));
  const names = [...nodes(syntaxTree(file))].flatMap(({ node }) =>
    node.type === 'Identifier' ? [{ text: nameOf(node) ?? '', line: lineOf(file, node.start) }] : [],
  );
  return [...names, ...wordsSaid(file)];
}

const STATEMENTS = [
  'select\\s[\\s\\S]*\\sfrom\\s',
  'insert\\s+into\\s',
  'update\\s+\\S+\\s+(as\\s+\\w+\\s+|\\w+\\s+)?set\\s',
  'delete\\s+from\\s',
  '(create|alter|drop)\\s+(unique\\s+)?(table|index|view|schema)\\s',
  'with\\s+(recursive\\s+)?\\w+\\s+as\\s+(not\\s+)?(materialized\\s+)?\\(',
  'truncate\\s+table\\s',
];
const SQL = new RegExp(`^\\s*(${STATEMENTS.join('|')})`, 'i');

/** The first word all small or all large, as people write SQL: the sentence "Select a channel from the list" is none. */
const isSql = (text: string): boolean => SQL.test(`${text} `) && /^\s*([a-z]+|[A-Z]+)\b/.test(text);

/** A vendor's own query language (SOQL, QuickBooks) is a connector's business; it has no store to speak to anyway. */
const maySpeakSql = (path: string): boolean =>
  !path.startsWith('src/') || path.startsWith('src/store/') || path.startsWith('src/platforms/') || isTest(path);

/** SQL in strings outside src/store/. */
export function sqlBreaches(files: SourceFile[]): Breach[] {
  return files.flatMap((file) => {
    if (maySpeakSql(file.path)) return [];
    return wordsSaid(file).flatMap(({ text, line }) =>
      isSql(text)
        ? [
            {
              path: file.path,
              line,
              say: 'speaks SQL: every statement lives in src/store/, one file per family, where both databases and the store suite try it. Export a function there and call it.',
            },
          ]
        : [],
    );
  });
}
