/**
 * Why a call or one target of a batch did not succeed. The class, not the message, picks the next move:
 *
 * | class | next move |
 * | --- | --- |
 * | throttled | wait `retryAfterMs`, then the same again |
 * | transient | nothing was done; back off with jitter, then the same again |
 * | unknown-outcome | it may have been done; read back (or ask by key) before anything else |
 * | auth | renew the secrets once, then stop the account and tell a person |
 * | gone | the thing does not exist there any more: retire the cell or confirm the document gone |
 * | conflict | somebody else changed it: re-read and recompute |
 * | rejected | the platform will never take it as it is: set aside with the reason |
 */
export type FailureClass = 'throttled' | 'transient' | 'unknown-outcome' | 'auth' | 'gone' | 'conflict' | 'rejected';

export class Failure extends Error {
  readonly retryAfterMs?: number;
  readonly status?: number;
  /** The platform's own code, as it prints it ("UNTRACKED", "woocommerce_rest_product_invalid_id"). */
  readonly platformCode?: string;
  constructor(
    readonly failure: FailureClass,
    /** A stable code of ours, kebab-case: "untracked-item", "rate-limited". */
    readonly code: string,
    /** One sentence for a person; ends with what to do next where there is something to do. */
    message: string,
    details: { retryAfterMs?: number; status?: number; platformCode?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'Failure';
    this.retryAfterMs = details.retryAfterMs;
    this.status = details.status;
    this.platformCode = details.platformCode;
  }
}
