import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { type Company, stamp } from './company.ts';

export const answer = (company: Company, body: object, status = 200): HttpResponse =>
  jsonResponse(
    status,
    { ...body, time: new Date(company.options.clock.now()).toISOString() },
    { intuit_tid: `1-${company.options.clock.now().toString(16)}` },
  );

/** Thrown where QuickBooks refuses. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly detail = message,
    readonly type = 'ValidationFault',
  ) {
    super(message);
  }

  body(company: Company): object {
    return {
      Fault: { Error: [{ Message: this.message, Detail: this.detail, code: this.code, element: '' }], type: this.type },
      time: stamp(company.options.clock.now()),
    };
  }

  response(company: Company): HttpResponse {
    return jsonResponse(this.status, this.body(company));
  }
}

export const tooMany = (): HttpResponse =>
  jsonResponse(429, {
    Fault: {
      Error: [{ Message: 'message=ThrottleExceeded; errorCode=003001; statusCode=429', code: '3001' }],
      type: 'SystemFault',
    },
  });

/** The gateway before the API writes its faults in small letters. */
export const unauthorized = (): HttpResponse =>
  jsonResponse(401, {
    warnings: null,
    fault: {
      error: [
        {
          message: 'message=AuthenticationFailed; errorCode=003200; statusCode=401',
          detail: 'Token expired',
          code: '3200',
        },
      ],
      type: 'AUTHENTICATION',
    },
  });
