import { readFileSync } from 'node:fs';
import { sharedPath, vendorModule } from '../../../platform/testing/outside.ts';

interface Operation {
  responses: { '200': { content: { 'application/json': { examples: Record<string, { value: unknown }> } } } };
}

/**
 * The vendor's own samples of Core's answers, out of its published text. Two megabytes take seconds to parse: only the
 * sections that are asked for are.
 * @returns undefined when the text or the YAML reader is not there.
 */
export function coreSamples(): ((path: string, method: 'get' | 'post') => unknown) | undefined {
  const file = sharedPath('specs/cin7/cin7-core-openapi.yaml');
  const yaml = vendorModule('yaml');
  if (!file || !yaml) return undefined;
  const sections = readFileSync(file, 'utf8').split(/^ {2}(?=[^\s:])/m);
  return (path, method) => {
    const section = sections.find((one) => one.replace(/^(\? )?["']?/, '').startsWith(path));
    if (!section) return undefined;
    // Long paths stand as explicit keys (`? path`), so the section is read with its key.
    const [operations] = Object.values(yaml.parse(section.replace(/^ {2}/gm, ''))) as Record<string, Operation>[];
    const { examples } = operations![method]!.responses['200'].content['application/json'];
    return Object.values(examples)[0]!.value;
  };
}

/** Names of all members, by where they stand: `Order.Lines.SKU`. Elements of a list share one place. */
export function membersOf(value: unknown, at = ''): Set<string> {
  const found = new Set<string>();
  if (Array.isArray(value)) for (const one of value) for (const name of membersOf(one, at)) found.add(name);
  else if (typeof value === 'object' && value !== null && !(value instanceof Date))
    for (const [name, inner] of Object.entries(value)) {
      const place = at === '' ? name : `${at}.${name}`;
      found.add(place);
      for (const deeper of membersOf(inner, place)) found.add(deeper);
    }
  return found;
}
