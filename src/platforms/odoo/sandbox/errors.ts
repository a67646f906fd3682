/** A Python exception on its way out. */
export class OdooError extends Error {
  constructor(
    /** Of JSON-2; the two RPCs answer 200 whatever happens. */
    readonly status: number,
    /** "odoo.exceptions.UserError" */
    readonly exception: string,
    message: string,
    /** Of XML-RPC: 1 an exception · 2 a warning · 3 access denied · 4 a right is missing. */
    readonly fault: 1 | 2 | 3 | 4 = 1,
  ) {
    super(message);
  }
}

export const userError = (message: string): OdooError => new OdooError(422, 'odoo.exceptions.UserError', message, 2);
