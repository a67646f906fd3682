import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { readAnswer, record } from '../answer.ts';
import { refusal } from './answers.ts';

const TIMEOUT_MINUTES = 30;

/** Who is logged in. A session ends thirty minutes after its last call. */
export class Sessions {
  readonly userName = 'onhand';
  password = 'pass-Word-of-the-stand-in';
  logins = 0;
  readonly #options: SandboxOptions;
  readonly #company: string;
  readonly #lastCall = new Map<string, number>();

  constructor(options: SandboxOptions, company: string) {
    this.#options = options;
    this.#company = company;
  }

  login(request: HttpRequest): HttpResponse {
    const sent = record(readAnswer({ body: Buffer.from(request.body ?? '') }));
    const good =
      sent?.['CompanyDB'] === this.#company && sent['UserName'] === this.userName && sent['Password'] === this.password;
    if (!good) return refusal(401, '100000027', 'Login failed');
    this.logins += 1;
    const SessionId = `5e551011-${String(this.logins).padStart(4, '0')}-11f0-8000-${this.#options.name}`;
    this.#lastCall.set(SessionId, this.#options.clock.now());
    return jsonResponse(
      200,
      {
        '@odata.context': '$metadata#Edm.ComplexType',
        SessionId,
        Version: '1000290',
        SessionTimeout: TIMEOUT_MINUTES / this.#options.factor,
      },
      { 'set-cookie': `B1SESSION=${SessionId};HttpOnly;SameSite=None, ROUTEID=.node1; path=/b1s` },
    );
  }

  check({ headers }: HttpRequest): HttpResponse | undefined {
    const id = /B1SESSION=([^;]+)/.exec(headers['cookie'] ?? '')?.[1] ?? '';
    const last = this.#lastCall.get(id);
    const now = this.#options.clock.now();
    if (last === undefined || now - last > (TIMEOUT_MINUTES * 60_000) / this.#options.factor)
      return refusal(401, '301', 'Invalid session or session already timeout.');
    this.#lastCall.set(id, now);
    return undefined;
  }

  logout({ headers }: HttpRequest): HttpResponse {
    this.#lastCall.delete(/B1SESSION=([^;]+)/.exec(headers['cookie'] ?? '')?.[1] ?? '');
    return { status: 204, headers: {}, body: Buffer.alloc(0) };
  }

  /** The server was started again: every session is gone. */
  end(): void {
    this.#lastCall.clear();
  }
}
