import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

/** A refusal as the REST services print it. */
export function refusal(status: number, code: string, detail: string, path?: string): HttpResponse {
  const title = TITLES[status] ?? 'Error';
  return jsonResponse(
    status,
    {
      type: `https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.${status % 100}`,
      title,
      status,
      'o:errorDetails': [{ detail, 'o:errorCode': code, ...(path && { 'o:errorPath': path }) }],
    },
    { 'content-type': 'application/vnd.oracle.resource+json; type=error; charset=UTF-8' },
  );
}

export const THROTTLED = refusal(
  429,
  'CONCURRENCY_LIMIT_EXCEEDED',
  'Concurrent request limit exceeded. Request blocked.',
);
export const UNAVAILABLE = refusal(503, 'UNEXPECTED_ERROR', 'The service is not available.');
