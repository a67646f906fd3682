import type { Document, Selection } from './language.ts';
import { argsOf, fieldsOf, operationOf, variablesOf } from './run.ts';

/** Shopify's own: no single query may ask for more. */
export const COST_MAX = 1_000;
const MUTATION_COST = 10;

interface Context {
  document: Document;
  variables: Record<string, unknown>;
}

/**
 * The points a document asks for before it is run: an object 1, a scalar 0, a connection 2 and `first` times what is inside,
 * a mutation 10. Shopify does not publish how it counts deeper connections and has made them cheaper since; this is the
 * dearest reading, so that what passes here passes there. Different kinds of one node count as the dearest of them.
 */
export function requestedCost(
  document: Document,
  given: Record<string, unknown>,
  operationName?: string | null,
): number {
  const operation = operationOf(document, operationName);
  const context = { document, variables: variablesOf(operation, given) };
  if (operation.kind === 'mutation') return MUTATION_COST * fieldsOf(null, operation.selections, context).length;
  return Math.max(1, inside(operation.selections, context));
}

function inside(selections: Selection[], context: Context): number {
  const kinds = kindsOf(selections);
  if (kinds.length > 0) return Math.max(...kinds.map((kind) => fields(kind, [...selections], context)));
  return fields(null, selections, context);
}

/** The types that inline fragments of one selection name. */
const kindsOf = (selections: Selection[]): string[] => [
  ...new Set(selections.flatMap((one) => (one.kind === 'inline' && one.on ? [one.on] : []))),
];

function fields(type: string | null, selections: Selection[], context: Context): number {
  let sum = 0;
  for (const field of fieldsOf(type, selections, context)) {
    if (!field.selections) continue;
    const args = argsOf(field.args, context.variables);
    const wrapped = fieldsOf(null, field.selections, context);
    const entries = wrapped.filter(({ name }) => name === 'nodes' || name === 'edges');
    const count = Number(args['first'] ?? args['last'] ?? (Array.isArray(args['ids']) ? args['ids'].length : 1));
    if (entries.length === 0) {
      sum += count * (1 + inside(field.selections, context));
      continue;
    }
    const each = entries.map((entry) => {
      const node =
        entry.name === 'nodes'
          ? entry
          : fieldsOf(null, entry.selections ?? [], context).find((one) => one.name === 'node');
      return node?.selections ? 1 + inside(node.selections, context) : 1;
    });
    sum += 2 + count * Math.max(...each);
  }
  return sum;
}

/** The points of what was really answered: every object 1, every connection 2. */
export function actualCost(data: unknown, isMutation: boolean): number {
  if (isMutation) return MUTATION_COST;
  let sum = 0;
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one);
    else if (typeof value === 'object' && value !== null) {
      sum += 1;
      for (const one of Object.values(value)) walk(one);
    }
  };
  if (typeof data === 'object' && data !== null) for (const one of Object.values(data)) walk(one);
  return Math.max(1, sum);
}
