import { isTest, type SourceFile } from './source-tree.ts';
import { type Node, nameOf, syntaxTree, wordsSaid } from './syntax.ts';

/** A test, or a group of tests, whose title carries `[I7]`: it holds that invariant. */
export interface TaggedTest {
  invariant: string;
  path: string;
  /** Group and test, as the runner prints them; what is only known at run time is "…". */
  title: string;
}

const TAG = /\[(I\d+(?:, ?I\d+)*)\]/g;

const TAGGED = /\[I\d/;

const tagsOf = (title: string): string[] =>
  [...title.matchAll(TAG)].flatMap(([, ids]) => (ids ?? '').split(',').map((id) => id.trim()));

/** `it.skipIf(x)('title')`, `describe.each(rows)('title')`: the chain of names, outermost last: ["it", "skipIf"]. */
function chain(callee: unknown): string[] {
  const node = callee as Node;
  if (node?.type === 'Identifier') return [nameOf(node) ?? ''];
  if (node?.type === 'MemberExpression') return [...chain(node['object']), nameOf(node['property']) ?? ''];
  if (node?.type === 'CallExpression') return chain(node['callee']);
  return [];
}

function titleOf(argument: unknown): string | undefined {
  const node = argument as Node | undefined;
  if (node?.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node?.type !== 'TemplateLiteral') return undefined;
  return (node['quasis'] as Node[]).map((piece) => (piece['value'] as { cooked: string }).cooked).join('…');
}

function visit(node: Node, path: string, groups: string[], found: TaggedTest[]): void {
  let inside = groups;
  if (node.type === 'CallExpression') {
    const names = chain(node['callee']);
    const [first, ...rest] = names;
    const title = titleOf((node['arguments'] as unknown[])[0]);
    // `suite.rule(title, …)`: the contract suite, a test of that title for each platform.
    const shared = names.at(-1) === 'rule';
    // What is switched off in the source holds nothing. (skipIf runs somewhere, and says so where it does not.)
    const off = rest.includes('skip') || rest.includes('todo');
    if ((shared || /^(it|test|describe|suite)$/.test(first ?? '')) && title !== undefined) {
      if (off) return;
      inside = [...groups, title];
      for (const invariant of tagsOf(title)) found.push({ invariant, path, title: inside.join(' › ') });
    }
  }
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value])
      if (typeof child === 'object' && child !== null && 'type' in child) visit(child as Node, path, inside, found);
}

/** Every tag in a test title, in the order of files and lines. */
export function taggedTests(files: SourceFile[]): TaggedTest[] {
  const found: TaggedTest[] = [];
  for (const file of files)
    if (isTest(file.path) && TAGGED.test(file.text)) visit(syntaxTree(file), file.path, [], found);
  return found;
}

/** Tags in strings that no runner prints as a title: they look like a promise and hold nothing. */
export function strayTags(files: SourceFile[]): string[] {
  return files.flatMap((file) => {
    if (!TAGGED.test(file.text)) return [];
    const said = wordsSaid(file).filter(({ text }) => tagsOf(text).length > 0);
    const titles = taggedTests([file]).map(({ title }) => title);
    return said
      .filter(({ text }) => !titles.some((title) => title.includes(text)))
      .map(({ text, line }) => `${file.path}:${line}  "${text}" carries a tag but is no title of a test that runs`);
  });
}
