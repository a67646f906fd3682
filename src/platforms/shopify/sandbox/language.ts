/** What a GraphQL document says, as far as clients of this API say it: operations, fragments, arguments, directives. */
export interface Document {
  operations: Operation[];
  fragments: Map<string, Fragment>;
}

export interface Operation {
  kind: 'query' | 'mutation';
  name: string | null;
  variables: { name: string; type: string; fallback: Value | undefined }[];
  selections: Selection[];
}

export interface Fragment {
  on: string;
  selections: Selection[];
}

export type Selection =
  | { kind: 'field'; alias: string; name: string; args: Args; directives: Directive[]; selections: Selection[] | null }
  | { kind: 'spread'; fragment: string; directives: Directive[] }
  | { kind: 'inline'; on: string | null; directives: Directive[]; selections: Selection[] };

export interface Directive {
  name: string;
  args: Args;
}

export type Args = Record<string, Value>;

export type Value =
  | { kind: 'variable'; name: string }
  | { kind: 'constant'; value: string | number | boolean | null }
  | { kind: 'list'; values: Value[] }
  | { kind: 'object'; fields: Args };

export interface Token {
  kind: 'mark' | 'name' | 'number' | 'string' | 'end';
  text: string;
}

export class SyntaxProblem extends Error {}

// Blank and comma · comment · mark · name · number · block string · string.
const TOKEN =
  /[\s,\uFEFF]+|#[^\n\r]*|(\.\.\.|[!$&()[\]{}:=@|])|([_A-Za-z]\w*)|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|"""((?:\\"""|[\s\S])*?)"""|"((?:\\.|[^"\\\n])*)"/y;

/** @throws SyntaxProblem at the first character that begins nothing. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (!match) throw new SyntaxProblem(`syntax error, unexpected ${JSON.stringify(source[at])} at character ${at}`);
    const [, mark, name, number, block, text] = match;
    if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (block !== undefined) tokens.push({ kind: 'string', text: block.replaceAll('\\"""', '"""') });
    else if (text !== undefined) tokens.push({ kind: 'string', text: unescaped(text) });
  }
  tokens.push({ kind: 'end', text: 'end of document' });
  return tokens;
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    throw new SyntaxProblem(`syntax error, bad escape in "${text}"`);
  }
}
