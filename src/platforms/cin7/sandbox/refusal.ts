import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';

/** A refusal in Core's words. */
export const refusal = (status: number, Exception: string): HttpResponse =>
  jsonResponse(status, [{ ErrorCode: status, Exception }]);
