import { parseAst } from 'vitest/node';
import type { SourceFile } from './source-tree.ts';

/** A node of the syntax tree: `type`, `start`, and whatever that type has. The rules look at few types, so no catalogue. */
export interface Node {
  type: string;
  start: number;
  [field: string]: unknown;
}

/** One static or dynamic import, or a re-export. */
export interface ImportedModule {
  specifier: string;
  /** Erased by the compiler: gone at run time. */
  typeOnly: boolean;
  names: string[];
  line: number;
}

const trees = new WeakMap<SourceFile, Node>();

/** Parses TypeScript or JavaScript with the parser that runs the tests. @throws SyntaxError when it is neither. */
export function syntaxTree(file: SourceFile): Node {
  let tree = trees.get(file);
  if (!tree) {
    const lang = /\.[jt]sx$/.test(file.path) ? 'tsx' : 'ts';
    tree = parseAst(file.text, { lang, sourceType: 'module' }) as unknown as Node;
    trees.set(file, tree);
  }
  return tree;
}

export const lineOf = (file: SourceFile, offset: number): number => file.text.slice(0, offset).split('\n').length;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

/** Every node with its parent and the field of the parent that holds it, outermost first. */
export function* nodes(root: Node, parent?: Node, field = ''): Generator<{ node: Node; parent?: Node; field: string }> {
  yield { node: root, parent, field };
  for (const [name, value] of Object.entries(root)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* nodes(child, root, name);
  }
}

const literal = (value: unknown): string | undefined =>
  isNode(value) && value.type === 'Literal' && typeof value['value'] === 'string' ? value['value'] : undefined;

export const nameOf = (value: unknown): string | undefined =>
  isNode(value) && value.type === 'Identifier' ? (value['name'] as string) : literal(value);

/** Imports and re-exports in every form: static, `export … from`, `import()`, and `import('…')` in a type. */
export function importsOf(file: SourceFile): ImportedModule[] {
  const found: ImportedModule[] = [];
  for (const { node } of nodes(syntaxTree(file))) {
    const specifier = literal(node['source']);
    if (specifier === undefined || !/^(Import|Export|TSImport)/.test(node.type)) continue;
    const specifiers = (node['specifiers'] as Node[] | undefined) ?? [];
    found.push({
      specifier,
      // `import { type A }` is not among them: under verbatimModuleSyntax the module is still loaded.
      typeOnly: node.type === 'TSImportType' || node['importKind'] === 'type' || node['exportKind'] === 'type',
      names: specifiers.flatMap((one) => nameOf(one['imported'] ?? one['local']) ?? []),
      line: lineOf(file, node.start),
    });
  }
  return found;
}

/** `../domain/quantity.ts` seen from `src/store/levels.ts` → `src/domain/quantity.ts`; undefined for a package. */
export function resolveSpecifier(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

/** String and template pieces with what surrounds them left out: what the program says, not what its comments say. */
export function wordsSaid(file: SourceFile): { text: string; line: number }[] {
  const said: { text: string; line: number }[] = [];
  for (const { node } of nodes(syntaxTree(file))) {
    const text =
      node.type === 'TemplateElement'
        ? (node['value'] as { cooked?: string }).cooked
        : node.type === 'JSXText'
          ? (node['value'] as string)
          : literal(node);
    if (text) said.push({ text, line: lineOf(file, node.start) });
  }
  return said;
}
