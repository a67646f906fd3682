import type { SwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';

const errorSchema = {
  type: 'object' as const,
  required: ['error', 'message', 'next'],
  properties: {
    error: { type: 'string' as const, description: 'A stable code.' },
    message: { type: 'string' as const, description: 'What is wrong, for a person.' },
    next: { type: 'string' as const, description: 'What to do now.' },
  },
};

/** The OpenAPI 3.1 document, made from the schemas that validate; what all routes share is said here once. */
export function openApi(version: string): SwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Onhand',
        version,
        description: 'One ledger of stock, every sales channel told. Every answer says when it was true ("asOf").',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as { name: string },
      },
      components: {
        securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
        schemas: { Error: errorSchema },
      },
      security: [{ key: [] }],
    },
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input);
      if ((schema as { hide?: boolean }).hide) return { schema, url };
      const response = {
        200: { description: 'Done, or what was asked for.', type: 'object', additionalProperties: true },
        default: {
          description: 'Refused, with a code, a sentence and a next step.',
          $ref: '#/components/schemas/Error',
        },
      };
      return {
        schema: { ...(schema as object), response: (schema as { response?: object }).response ?? response },
        url,
      };
    },
  };
}
