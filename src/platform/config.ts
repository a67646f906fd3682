import { z } from 'zod';
import { isInsideHost } from './inside-host.ts';

/**
 * Marks a setting as secret: stored encrypted, asked for without echo, never shown, logged or recorded. Call
 * `.describe()` on the answer as on any schema; the text is the label of the form and the question of the prompt.
 */
export function secret(): z.ZodString;
export function secret<Schema extends z.ZodType>(schema: Schema): Schema;
export function secret(schema: z.ZodType = z.string().trim().min(1)): z.ZodType {
  return schema.meta({ ...schema.meta(), secret: true });
}

/** A path into a config; `*` stands for every element of an array or record. */
export type ConfigPath = readonly string[];

/** Where a schema's secrets are. Looks through optional, nullable, default, pipes, unions, arrays and records. */
export function secretPaths(schema: z.ZodType): ConfigPath[] {
  const known = pathsOf.get(schema);
  if (known) return known;
  const found = new Map<string, ConfigPath>();
  walk(schema, [], found, new Set());
  const paths = [...found.values()];
  pathsOf.set(schema, paths);
  return paths;
}

const pathsOf = new WeakMap<z.ZodType, ConfigPath[]>();

function walk(schema: unknown, path: string[], found: Map<string, ConfigPath>, within: Set<unknown>): void {
  if (!(schema instanceof z.ZodType) || within.has(schema)) return;
  if (schema.meta()?.['secret'] === true) {
    found.set(path.join('\u0000'), path);
    return;
  }
  // Recursive schemas come back to themselves; the secrets inside were seen the first time round.
  const inner = new Set(within).add(schema);
  const def = schema.def as unknown as Record<string, unknown>;
  const next = (child: unknown, ...more: string[]) => walk(child, [...path, ...more], found, inner);
  for (const [key, child] of Object.entries((def['shape'] ?? {}) as Record<string, unknown>)) next(child, key);
  next(def['element'], '*');
  next(def['valueType'], '*');
  for (const name of ['innerType', 'in', 'out', 'left', 'right']) next(def[name]);
  for (const option of (def['options'] as unknown[] | undefined) ?? []) next(option);
  if (Array.isArray(def['items'])) for (const [index, item] of def['items'].entries()) next(item, String(index));
  if (def['type'] === 'lazy') next((def['getter'] as () => unknown)());
}

/** Stands where a secret is set. Blank settings stay blank, so that a person sees what is missing. */
export const HIDDEN = '[secret]';

/** The config with every secret hidden: what may be shown, logged or recorded. The given value is not touched. */
export function redactConfig<Value>(schema: z.ZodType, value: Value): Value {
  let copy: unknown = structuredClone(value);
  for (const path of secretPaths(schema)) copy = replace(copy, path, (leaf) => (isBlank(leaf) ? leaf : HIDDEN));
  return copy as Value;
}

/** Every secret text in a config, longest first: what redaction looks for in free text. */
export function secretTexts(schema: z.ZodType, value: unknown): string[] {
  const texts = new Set<string>();
  const collect = (leaf: unknown): void => {
    if (typeof leaf === 'string' && leaf !== '') texts.add(leaf);
    else if (typeof leaf === 'object' && leaf !== null) for (const child of Object.values(leaf)) collect(child);
  };
  for (const path of secretPaths(schema))
    replace(value, path, (leaf) => {
      collect(leaf);
      return leaf;
    });
  return [...texts].sort((a, b) => b.length - a.length);
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** Copies along the path, changes what lies at its end. */
function replace(value: unknown, path: ConfigPath, change: (leaf: unknown) => unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  if (typeof value !== 'object' || value === null) return value;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  for (const key of step === '*' ? Object.keys(copy) : [step])
    if (Object.hasOwn(copy, key)) copy[key] = replace(copy[key], rest, change);
  return copy;
}

/**
 * An address of a shop or API, without the slash at its end. https; plain http only for this machine and the operator's
 * own network, because a token sent in the clear is a token given away.
 */
export function webAddress(): z.ZodString {
  return z
    .string()
    .trim()
    .superRefine((text, context) => {
      const problem = addressProblem(text);
      if (problem) context.addIssue({ code: 'custom', message: problem });
    })
    .overwrite((text) => text.replace(/\/+$/, ''));
}

function addressProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return `"${text}" is not a web address. Write it whole, like https://shop.example.com.`;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'Write an address that begins with https://.';
  if (url.username || url.password) return 'Leave name and password out of the address; they have fields of their own.';
  if (url.search || url.hash) return 'Leave out everything from the first ? or # on.';
  if (url.protocol === 'http:' && !isInsideHost(url.hostname))
    return `Write https://${url.host}: over plain http everybody on the way can read the key.`;
  return undefined;
}
