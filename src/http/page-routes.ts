import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';

const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'app.js': 'text/javascript; charset=utf-8',
  'demo.js': 'text/javascript; charset=utf-8',
  'elements.js': 'text/javascript; charset=utf-8',
  'pace.js': 'text/javascript; charset=utf-8',
  'reorder.js': 'text/javascript; charset=utf-8',
  'stock.js': 'text/javascript; charset=utf-8',
  'style.css': 'text/css; charset=utf-8',
} as const;

/** The first page: a few files, no build. They lie beside this module. */
export async function pageRoutes(server: FastifyInstance): Promise<void> {
  for (const [name, type] of Object.entries(TYPES)) {
    const content = await readFile(new URL(`./page/${name}`, import.meta.url));
    const url = name === 'index.html' ? '/' : `/${name}`;
    server.get(url, { schema: { hide: true } }, async (_request, reply) =>
      reply.type(type).header('cache-control', 'no-cache').send(content),
    );
  }
}
