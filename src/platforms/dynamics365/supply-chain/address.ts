import { odata, quoted } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';

/** The settings refuse an account without its addresses. */
export const dataUrl = (config: DynamicsConfig): string => `${config.apiUrl ?? ''}/data`;

export const inventoryUrl = (config: DynamicsConfig, path: string): string =>
  `${config.inventoryUrl ?? ''}/api/environment/${config.environmentId ?? ''}/${path}`;

/** Rows of our legal entity. Without `cross-company` a table shows only the default company of the app's user. */
export function rowsOf(
  config: DynamicsConfig,
  table: string,
  options: { select?: string; filter?: string; orderby?: string; top?: string } = {},
): string {
  const company = `dataAreaId eq ${quoted(config.account)}`;
  const filter = options.filter ? `${company} and ${options.filter}` : company;
  const url = odata(`${dataUrl(config)}/${table}`, { ...options, filter });
  return `${url}&cross-company=true`;
}
