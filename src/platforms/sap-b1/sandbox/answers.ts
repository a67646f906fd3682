import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';

/** A refusal as OData V4 has it. */
export const refusal = (status: number, code: string, message: string): HttpResponse =>
  jsonResponse(status, { error: { code, message } });

export const notFound = refusal(404, '-2028', 'No matching records found (ODBC -2028)');

/** As a load balancer says it; the Service Layer itself has no word for it. */
export const BUSY: HttpResponse = {
  status: 503,
  headers: { 'content-type': 'text/html', 'retry-after': '5' },
  body: Buffer.from('<html><body>Service Unavailable</body></html>'),
};
export const UNAVAILABLE: HttpResponse = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from('<html><body>Proxy Error</body></html>'),
};
