/** What every connection starts with, on both engines, so that neither a server's settings nor a user's change an answer. */
export function sessionStart(schema: string, engine: 'embedded' | 'server'): string {
  const settings = [
    `search_path = ${quoteName(schema)}`,
    "time zone 'UTC'",
    "datestyle = 'ISO, YMD'",
    "bytea_output = 'hex'",
  ];
  // A process that hangs in a transaction must not hold its locks for ever. The embedded engine has no time-outs.
  if (engine === 'server') settings.push("idle_in_transaction_session_timeout = '60s'");
  return settings.map((setting) => `set ${setting}`).join('; ');
}

/** An identifier exactly as given. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
