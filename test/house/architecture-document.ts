import type { SourceFile } from './source-tree.ts';
import { type Node, nameOf, nodes, syntaxTree } from './syntax.ts';

export const STEPS_MAX = 12;

/** One step of a sale's way: "1. **Accept** · `src/engine/intake.ts` · `Intake.accept` — …". */
export interface Step {
  number: number;
  name: string;
  path: string;
  /** A function, or `Class.method`. */
  symbol: string;
}

/** Every numbered line of the section, so that one that is written otherwise cannot hide. */
export function stepsOf(document: string): (Step | { number: number; unreadable: string })[] {
  const section = /^## The way of a sale\n([\s\S]*?)(?=^## )/m.exec(document)?.[1] ?? '';
  return [...section.matchAll(/^(\d+)\. (.*)$/gm)].map(([, number, line = '']) => {
    const [, name, path, symbol] = /^\*\*([^*]+)\*\* · `([^`]+)` · `([^`]+)` — \S/.exec(line) ?? [];
    if (!name || !path || !symbol) return { number: Number(number), unreadable: line };
    return { number: Number(number), name, path, symbol };
  });
}

/** Functions and methods a file declares, as a step names them; of an interface its members too, since a contract is a step. */
export function declaredFunctions(file: SourceFile): Set<string> {
  const found = new Set<string>();
  const members = (owner: Node) => {
    for (const member of ((owner['body'] as Node)['body'] as Node[]) ?? [])
      if (/Method/.test(member.type)) found.add(`${nameOf(owner['id'])}.${nameOf(member['key'])}`);
  };
  for (const { node } of nodes(syntaxTree(file))) {
    if (node.type === 'FunctionDeclaration') found.add(nameOf(node['id']) ?? '');
    if (node.type === 'ClassDeclaration' || node.type === 'TSInterfaceDeclaration') members(node);
    if (node.type === 'VariableDeclarator' && /Function/.test((node['init'] as Node | null)?.type ?? ''))
      found.add(nameOf(node['id']) ?? '');
  }
  return found;
}
