import { XMLParser } from 'fast-xml-parser';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpResponse } from '../../platform/http.ts';

/** One element of the webservice: its members as text, whatever type PHP had. */
export type Element = Record<string, string>;

/**
 * Everything stays text: ids keep their digits, `007` its zeros. Entities of one's own are not expanded.
 */
const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: true,
  processEntities: true,
  htmlEntities: false,
});

/** undefined: not XML of the webservice. PHP's warnings may stand in front of it. */
export function documentOf(text: string): Record<string, unknown> | undefined {
  const start = text.search(/<\?xml|<prestashop[\s>]/);
  if (start < 0) return undefined;
  try {
    const document: unknown = parser.parse(text.slice(start));
    if (!isRecord(document) || !('prestashop' in document)) return undefined;
    return isRecord(document['prestashop']) ? document['prestashop'] : {};
  } catch {
    return undefined;
  }
}

/** The elements of a list, or of an answer with one; one element is no other case than many. */
export function elementsOf(document: Record<string, unknown>, list: string, one: string): Element[] {
  const inner = isRecord(document[list]) ? document[list] : document;
  const found = inner[one];
  return (Array.isArray(found) ? found : [found]).filter(isRecord).map(textsOf);
}

/** A text in several languages is its first one; other members that are elements themselves are nothing of ours. */
function textsOf(element: Record<string, unknown>): Element {
  const texts: Element = {};
  for (const [name, value] of Object.entries(element)) {
    const languages = isRecord(value) ? value['language'] : value;
    const text: unknown = Array.isArray(languages) ? languages[0] : languages;
    if (typeof text === 'string') texts[name] = text;
  }
  return texts;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A good answer's elements.
 * @throws Failure transient when it has another shape: a module or a page in between, not a state of the shop
 */
export function answer(response: HttpResponse, list: string, one: string): Element[] {
  const document = documentOf(bodyText(response));
  if (document && (list in document || one in document)) return elementsOf(document, list, one);
  throw new Failure(
    'transient',
    'odd-answer',
    `The shop answered without <${list}>. A module may change its webservice.`,
    {
      status: response.status,
    },
  );
}

/** The whole element, as PUT wants it back: a member that is left out is set to nothing. */
export function elementXml(name: string, members: Element): string {
  const lines = Object.entries(members).map(
    ([member, value]) => `<${member}><![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]></${member}>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<prestashop xmlns:xlink="http://www.w3.org/1999/xlink"><${name}>${lines.join('')}</${name}></prestashop>`;
}
