import type { Breach } from './breach.ts';
import { layerOf } from './layers.ts';
import { isTest, type SourceFile } from './source-tree.ts';
import { importsOf, resolveSpecifier } from './syntax.ts';

type Graph = Map<string, Set<string>>;

/** The shortest way from `start` back to itself, or undefined. Breadth first: the sentence should name few files. */
function shortestCycle(graph: Graph, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const next of graph.get(at) ?? []) {
      if (next === start) {
        const way = [start];
        for (let step: string | undefined = at; step !== undefined && step !== start; step = cameFrom.get(step))
          way.unshift(step);
        return [start, ...way];
      }
      if (!cameFrom.has(next) && graph.has(next)) {
        cameFrom.set(next, at);
        queue.push(next);
      }
    }
  }
  return undefined;
}

/** One shortest cycle per knot: nodes of a cycle already told are not told again. */
function cyclesIn(graph: Graph): string[][] {
  const told = new Set<string>();
  return [...graph.keys()].sort().flatMap((start) => {
    if (told.has(start)) return [];
    const cycle = shortestCycle(graph, start);
    for (const node of cycle ?? []) told.add(node);
    return cycle ? [cycle] : [];
  });
}

function graphOf(files: SourceFile[], valuesOnly: boolean, name: (path: string) => string | undefined): Graph {
  const graph: Graph = new Map();
  for (const file of files) {
    const from = name(file.path);
    if (!from || isTest(file.path)) continue;
    const edges = graph.get(from) ?? new Set();
    graph.set(from, edges);
    for (const { specifier, typeOnly } of importsOf(file)) {
      const target = resolveSpecifier(file.path, specifier);
      const to = target && !(valuesOnly && typeOnly) ? name(target) : undefined;
      if (to && to !== from) edges.add(to);
    }
  }
  return graph;
}

/** Files that load each other. Types are free: the compiler erases them, and a contract may speak of both its sides. */
export const fileCycleBreaches = (files: SourceFile[]): Breach[] =>
  cyclesIn(graphOf(files, true, (path) => path)).map((cycle) => ({
    path: cycle[0] ?? '',
    say: `loads itself again (${cycle.join(' → ')}): which of them runs first then depends on who is imported first. Move what both need into a third file.`,
  }));

/** Folders of src/ that need each other, types included: then neither can be understood, tested or replaced alone. */
export const folderCycleBreaches = (files: SourceFile[]): Breach[] =>
  cyclesIn(graphOf(files, false, layerOf)).map((cycle) => ({
    path: `src/${cycle[0]}`,
    say: `folders need each other (${cycle.join(' → ')}): neither can be understood or replaced alone. Move the shared idea down into the lower one, or hand it in as an argument.`,
  }));
