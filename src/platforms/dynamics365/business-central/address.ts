import type { DynamicsConfig } from '../config.ts';

const HOST = 'https://api.businesscentral.dynamics.com';

export const API_PATH = '/api/v2.0';

/** Of the environment; subscriptions, companies and `$batch` are here. */
export const baseUrl = (config: DynamicsConfig): string =>
  `${config.apiUrl ?? HOST}/v2.0/${config.tenantId}/${config.environment}${API_PATH}`;

/** Of the company, whose tables follow after a slash. */
export const companyUrl = (config: DynamicsConfig): string => `${baseUrl(config)}/${companyPath(config)}`;

export const companyPath = (config: DynamicsConfig): string => `companies(${config.account})`;
