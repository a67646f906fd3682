import type { DynamicsConfig } from '../config.ts';

/** The settings refuse a Dataverse account without its address. */
export const baseUrl = (config: DynamicsConfig): string => `${config.apiUrl ?? ''}/api/data/v9.2`;
