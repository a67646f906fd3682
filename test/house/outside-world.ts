import type { Breach } from './breach.ts';
import { isBrowserPage, isExtension, isTest, type SourceFile } from './source-tree.ts';
import { importsOf, lineOf, type Node, nameOf, nodes, syntaxTree } from './syntax.ts';

const ALLOWED_FOLDERS = ['src/runtime/', 'src/cli/', 'bin/', 'bench/', 'scripts/', 'test/'];

/** Single files that may, with the reason. Keep it short: each is a place that the simulation cannot replay. */
export const EXCEPTIONS: Record<string, string> = {};

const CLOCK =
  'the engine runs on a virtual clock in simulation: take a Clock from src/runtime/clock.ts as an argument (a connector has client.now()).';
const RANDOM =
  'the same seed must give the same run: take a Random from src/runtime/random.ts as an argument (a connector has client.uuid()); secrets and nonces come from src/runtime/.';
const SOCKET =
  'every call to a platform goes through its client, which holds budgets, secrets and recording: take a Transport or the client as an argument; the one real fetch is in src/runtime/.';
const SETTINGS =
  'settings are read once, in src/runtime/ and src/cli/, checked there and handed in: a variable read in the depth is a setting nobody can find, and one that tests cannot vary.';
const PROCESS =
  'only src/cli/ and src/runtime/ may end or listen to the process: inside, an engine must be able to stop and start again beside others in one process.';

/** `Date.now`, `process.env` … by object and property. */
const MEMBERS: Record<string, Record<string, string>> = {
  Date: { now: CLOCK },
  Math: { random: RANDOM },
  performance: { now: CLOCK },
  crypto: { randomUUID: RANDOM, getRandomValues: RANDOM, randomBytes: RANDOM, randomInt: RANDOM },
  process: {
    env: SETTINGS,
    hrtime: CLOCK,
    exit: PROCESS,
    on: PROCESS,
    once: PROCESS,
    kill: PROCESS,
    exitCode: PROCESS,
  },
};
const GLOBALS: Record<string, string> = {
  setTimeout: CLOCK,
  setInterval: CLOCK,
  fetch: SOCKET,
  WebSocket: SOCKET,
  EventSource: SOCKET,
};
/** `import { randomUUID } from 'node:crypto'`: by module, then by name; `*` for any. */
const MODULES: Record<string, Record<string, string>> = {
  'node:crypto': {
    randomUUID: RANDOM,
    randomBytes: RANDOM,
    randomInt: RANDOM,
    randomFill: RANDOM,
    randomFillSync: RANDOM,
    webcrypto: RANDOM,
    getRandomValues: RANDOM,
  },
  'node:timers': { '*': CLOCK },
  'node:timers/promises': { '*': CLOCK },
  'node:perf_hooks': { '*': CLOCK },
  'node:process': { '*': SETTINGS },
  undici: { '*': SOCKET },
};

/** Names that the file itself declares, imports or takes as an argument: those are not the machine's. */
function declaredNames(tree: Node): Set<string> {
  const declared = new Set<string>();
  for (const { node, parent, field } of nodes(tree)) {
    if (node.type === 'ObjectPattern')
      for (const { value } of node['properties'] as Node[]) declared.add(nameOf(value) ?? '');
    const name = nameOf(node);
    if (name === undefined || node.type !== 'Identifier' || !parent) continue;
    const binds =
      (parent.type === 'VariableDeclarator' && field === 'id') ||
      (/Function/.test(parent.type) && (field === 'id' || field === 'params' || field === 'items')) ||
      (parent.type === 'FormalParameter' && field === 'pattern') ||
      (parent.type === 'AssignmentPattern' && field === 'left') ||
      (/^Import(Default|Namespace)?Specifier$/.test(parent.type) && field === 'local');
    if (binds) declared.add(name);
  }
  return declared;
}

/** Is this identifier used as a value, rather than being a key, a member's name or a type? */
function isValue(parent: Node | undefined, field: string): boolean {
  if (!parent || parent.type.startsWith('TS')) return parent?.type === 'TSAsExpression' && field === 'expression';
  if (parent.type === 'MemberExpression') return field === 'object' || parent['computed'] === true;
  if (/^(Property|PropertyDefinition|MethodDefinition|AccessorProperty)$/.test(parent.type))
    return field === 'value' || parent['computed'] === true;
  return !/^(Import|Export|Label|Break|Continue)/.test(parent.type);
}

function rawUse(
  node: Node,
  parent: Node | undefined,
  field: string,
  declared: Set<string>,
): [string, string] | undefined {
  if (node.type === 'MemberExpression') {
    const property = nameOf(node['property']);
    const object = nameOf(node['object']);
    if (!property || !object) return undefined;
    if (object === 'globalThis') {
      const why = GLOBALS[property];
      return why ? [`globalThis.${property}`, why] : undefined;
    }
    const why = Object.hasOwn(MEMBERS, object) ? MEMBERS[object]?.[property] : undefined;
    return why ? [`${object}.${property}`, why] : undefined;
  }
  if (node.type === 'NewExpression' && nameOf(node['callee']) === 'Date')
    return (node['arguments'] as Node[]).length === 0 ? ['new Date() without a time', CLOCK] : undefined;
  if (node.type === 'CallExpression' && nameOf(node['callee']) === 'Date') return ['Date()', CLOCK];
  if (node.type !== 'Identifier' || !isValue(parent, field)) return undefined;
  const name = nameOf(node) ?? '';
  return Object.hasOwn(GLOBALS, name) && !declared.has(name) ? [name, GLOBALS[name] ?? ''] : undefined;
}

/** Clock, randomness, environment, sockets and the process itself, used outside src/runtime/. */
export function outsideWorldBreaches(files: SourceFile[]): Breach[] {
  return files.flatMap((file) => {
    const free = ALLOWED_FOLDERS.some((folder) => file.path.startsWith(folder)) || file.path in EXCEPTIONS;
    if (free || isTest(file.path) || isBrowserPage(file.path) || isExtension(file.path) || /^[^/]+$/.test(file.path))
      return [];
    const tree = syntaxTree(file);
    const declared = declaredNames(tree);
    const used = [...nodes(tree)].flatMap(({ node, parent, field }): Breach[] => {
      const raw = rawUse(node, parent, field, declared);
      return raw ? [{ path: file.path, line: lineOf(file, node.start), say: `${raw[0]}: ${raw[1]}` }] : [];
    });
    const imported = importsOf(file).flatMap(({ specifier, names, typeOnly, line }): Breach[] => {
      const banned = typeOnly || !Object.hasOwn(MODULES, specifier) ? undefined : MODULES[specifier];
      const name = banned && ('*' in banned ? '*' : names.find((one) => Object.hasOwn(banned, one)));
      if (!name) return [];
      const what = name === '*' ? specifier : `${name} of ${specifier}`;
      return [{ path: file.path, line, say: `${what}: ${banned?.[name]}` }];
    });
    return [...used, ...imported];
  });
}
