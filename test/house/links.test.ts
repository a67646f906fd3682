import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handWrittenPaths, repositoryRoot } from './source-tree.ts';

const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...handWrittenPaths().filter((path) => path.endsWith('.md') && !path.startsWith('test/')),
];

/** The anchors GitHub makes of headings. */
const anchorsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Links and pictures of a page that lead nowhere in the repository. */
function brokenLinks(page: string, markdown: string, read: (path: string) => string | undefined): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [file = '', anchor] = target.split('#');
    const path = file === '' ? page : posix.normalize(posix.join(posix.dirname(page), file));
    const text = path === page ? markdown : read(path);
    if (text === undefined) return [`${page} → ${target}: there is no ${path}`];
    return anchor && !anchorsOf(text).includes(anchor) ? [`${page} → ${target}: no such heading`] : [];
  });
}

describe('links between pages', () => {
  it.each(pages)('%s leads only to what exists', (page) => {
    const read = (path: string) => {
      const full = `${repositoryRoot}${path}`;
      if (!existsSync(full)) return undefined;
      return path.endsWith('.md') ? readFileSync(full, 'utf8') : '';
    };
    expect(brokenLinks(page, readFileSync(`${repositoryRoot}${page}`, 'utf8'), read)).toEqual([]);
  });
  it('finds what leads nowhere', () => {
    const other = (path: string) => (path === 'docs/b.md' ? '# One · two\n' : undefined);
    const page =
      '[a](b.md#one--two) [b](c.md) ![c](../d.png) [d](b.md#three) [e](https://example.com) `[f](g.md)` [h](#i)';
    expect(brokenLinks('docs/a.md', page, other)).toEqual([
      'docs/a.md → c.md: there is no docs/c.md',
      'docs/a.md → ../d.png: there is no d.png',
      'docs/a.md → b.md#three: no such heading',
      'docs/a.md → #i: no such heading',
    ]);
  });
});
