import { bodyText, type HttpRequest, type HttpResponse } from '../http.ts';
import { readJson } from '../json.ts';

/** A request that matched a route. */
export interface Routed {
  method: HttpRequest['method'];
  url: URL;
  /** The template that matched: `/v2/orders/{id}`. */
  template: string;
  /** Decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  /** Lower-case names. */
  headers: Record<string, string>;
  request: HttpRequest;
  /** The body as JSON, big integers as strings. @throws SyntaxError: answer as the vendor does to malformed JSON. */
  json(): unknown;
  /** A form-encoded body. */
  form(): URLSearchParams;
}

type Handler = (routed: Routed) => HttpResponse | Promise<HttpResponse>;

interface Route {
  template: string;
  pattern: RegExp;
  names: string[];
  /** Literal characters: the more, the earlier it is tried, so `/orders/search` wins over `/orders/{id}`. */
  weight: number;
  methods: Map<string, Handler>;
}

interface VendorAnswers {
  notFound: (request: HttpRequest, url: URL) => HttpResponse;
  wrongMethod: (request: HttpRequest, url: URL, allowed: string[]) => HttpResponse;
}

/** Method and path template to handler. What an unknown path or method looks like is the vendor's choice. */
export class Router {
  readonly #routes: Route[] = [];
  readonly #answers: VendorAnswers;

  constructor(answers: VendorAnswers) {
    this.#answers = answers;
  }

  /** `{name}` takes one segment or part of one, `{name...}` the rest of the path, slashes included. */
  on(method: HttpRequest['method'], template: string, handler: Handler): this {
    let route = this.#routes.find((known) => known.template === template);
    if (!route) {
      route = compile(template);
      this.#routes.push(route);
      this.#routes.sort((a, b) => b.weight - a.weight);
    }
    route.methods.set(method, handler);
    return this;
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const url = new URL(request.url);
    const allowed: string[] = [];
    for (const route of this.#routes) {
      const match = route.pattern.exec(url.pathname);
      const params = match && decodeAll(route.names, match);
      if (!params) continue;
      const handler = route.methods.get(request.method);
      if (!handler) {
        allowed.push(...route.methods.keys());
        continue;
      }
      return handler({
        method: request.method,
        url,
        template: route.template,
        params,
        query: url.searchParams,
        headers: request.headers,
        request,
        json: () => readJson(bodyText(request)),
        form: () => new URLSearchParams(bodyText(request)),
      });
    }
    if (allowed.length > 0) return this.#answers.wrongMethod(request, url, [...new Set(allowed)]);
    return this.#answers.notFound(request, url);
  }
}

function compile(template: string): Route {
  const names: string[] = [];
  let weight = 0;
  const pattern = template
    .split(/(\{[A-Za-z_]\w*(?:\.\.\.)?\})/)
    .map((piece) => {
      const name = /^\{(\w+)(\.\.\.)?\}$/.exec(piece);
      if (!name) {
        weight += piece.length;
        return piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      }
      names.push(name[1]!);
      return name[2] ? '(.+)' : '([^/]+?)';
    })
    .join('');
  return { template, pattern: new RegExp(`^${pattern}/?$`), names, weight, methods: new Map() };
}

/** undefined when a segment is not valid percent-encoding: such a path names nothing. */
function decodeAll(names: string[], match: RegExpExecArray): Record<string, string> | undefined {
  try {
    return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1]!)]));
  } catch {
    return undefined;
  }
}
