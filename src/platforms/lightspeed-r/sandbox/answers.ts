import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';

const MESSAGES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

/** A refusal as Lightspeed prints it; recorded ones call it text/html. */
export function refusal(
  status: number,
  message: string,
  headers: Record<string, string> = {},
  errorClass = 'Exception',
): HttpResponse {
  const answer = jsonResponse(status, {
    httpCode: String(status),
    httpMessage: MESSAGES[status] ?? 'Error',
    message,
    errorClass,
  });
  return { ...answer, headers: { ...answer.headers, 'content-type': 'text/html; charset=UTF-8', ...headers } };
}
