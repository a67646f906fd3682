import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { readJson } from '../../../platform/json.ts';
import { RateLimiter } from '../../../platform/sandbox-kit/index.ts';
import { actualCost, COST_MAX, requestedCost } from './cost.ts';
import { type Document, SyntaxProblem } from './language.ts';
import { parse } from './parse.ts';
import { rootsOf } from './roots.ts';
import { GraphqlProblem, operationOf, run } from './run.ts';
import { guardWith } from './scopes.ts';
import type { Shop } from './shop.ts';

/** The Standard plan. */
const BUCKET = { size: 2_000, perSecond: 100 };
/** Documents kept parsed; clients send the same few again and again. */
const PARSED_MAX = 200;

/** `POST /admin/api/…/graphql.json`: parse, price, spend, run, give back what was not used. */
export class Endpoint {
  readonly #roots: ReturnType<typeof rootsOf>;
  readonly #limits: RateLimiter;
  readonly #parsed = new Map<string, Document>();
  readonly #shop: Shop;

  constructor(shop: Shop) {
    this.#shop = shop;
    this.#roots = rootsOf(shop);
    const { clock, factor, unlimited } = shop.options;
    this.#limits = new RateLimiter({ clock, factor, unlimited, limits: { points: { kind: 'bucket', ...BUCKET } } });
  }

  handle(request: HttpRequest): HttpResponse {
    const body = readBody(request);
    if (typeof body?.['query'] !== 'string')
      return jsonResponse(400, { errors: { query: 'Required parameter missing or invalid' } });
    const variables = (body['variables'] ?? {}) as Record<string, unknown>;
    const operationName = (body['operationName'] as string | undefined) ?? null;
    try {
      const document = this.#parse(body['query']);
      const requested = requestedCost(document, variables, operationName);
      if (requested > COST_MAX)
        return problemAnswer(
          new GraphqlProblem(
            `Query cost is ${requested}, which exceeds the single query max cost limit (${COST_MAX}).`,
            'MAX_COST_EXCEEDED',
            { cost: requested, maxCost: COST_MAX, documentation: 'https://shopify.dev/api/usage/rate-limits' },
          ),
        );
      const taken = this.#limits.take('points', requested);
      if (!taken.ok) return this.throttled(requested);
      const roots = this.#roots;
      const guard = guardWith(this.#shop.scopes);
      const data = run({ document, variables, operationName, roots, guard });
      const actual = actualCost(data, operationOf(document, operationName).kind === 'mutation');
      this.#limits.giveBack('points', Math.max(0, requested - actual));
      return this.#answer({ data, extensions: this.#cost(requested, actual) });
    } catch (error) {
      if (error instanceof GraphqlProblem) return problemAnswer(error);
      if (error instanceof SyntaxProblem) return problemAnswer(new GraphqlProblem(error.message, 'syntaxError'));
      throw error;
    }
  }

  /** HTTP 200, and nothing was done. */
  throttled(requested = 100): HttpResponse {
    return this.#answer({
      errors: [
        {
          message: 'Throttled',
          extensions: { code: 'THROTTLED', documentation: 'https://shopify.dev/api/usage/rate-limits' },
        },
      ],
      extensions: this.#cost(requested, null),
    });
  }

  refusedCalls(): number {
    return this.#limits.refused;
  }

  #cost(requestedQueryCost: number, actualQueryCost: number | null) {
    const { size, available, perSecond } = this.#limits.state('points');
    return {
      cost: {
        requestedQueryCost,
        actualQueryCost,
        throttleStatus: { maximumAvailable: size, currentlyAvailable: Math.floor(available), restoreRate: perSecond },
      },
    };
  }

  #parse(query: string): Document {
    const known = this.#parsed.get(query);
    if (known) return known;
    const document = parse(query);
    if (this.#parsed.size >= PARSED_MAX) this.#parsed.clear();
    this.#parsed.set(query, document);
    return document;
  }

  #answer(body: unknown): HttpResponse {
    return jsonResponse(200, body);
  }
}

function readBody(request: HttpRequest): Record<string, unknown> | undefined {
  try {
    const body = readJson(bodyText(request));
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Errors too come with HTTP 200. */
const problemAnswer = ({ message, code, details }: GraphqlProblem): HttpResponse =>
  jsonResponse(200, { errors: [{ message, locations: [{ line: 1, column: 1 }], extensions: { code, ...details } }] });
