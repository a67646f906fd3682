/** Something a person asked for cannot be done as asked. Shown as it is: what is wrong, and what to do. */
export class UserError extends Error {
  constructor(
    /** Stable, kebab-case. */
    readonly code: string,
    message: string,
    readonly next: string,
    readonly status = 400,
  ) {
    super(message);
    this.name = 'UserError';
  }
}
