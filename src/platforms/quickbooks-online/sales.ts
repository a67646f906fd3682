import { z } from 'zod';
import type { Doc } from '../../domain/document.ts';
import { Failure } from '../../platform/failure.ts';
import { companyRequest, type QboClient, readAs } from './api.ts';
import type { QboConfig } from './config.ts';
import { deletedDoc, docOf, entityOf, saleShape } from './sale-doc.ts';

/** The document as it is now; a deleted one is empty. */
export async function fetchDocument(client: QboClient, config: QboConfig, doc: string): Promise<Doc | 'gone'> {
  const [word = '', number = ''] = doc.split(':', 2);
  const entity = entityOf(word);
  if (!entity || number === '') return 'gone';
  const path = `/${entity.toLowerCase()}/${encodeURIComponent(number)}`;
  try {
    const response = await client.call('sale', companyRequest(config, 'GET', path));
    const body = readAs(response, z.looseObject({ [entity]: z.looseObject({}) }), path);
    try {
      return docOf(entity, saleShape.parse(body[entity]), config);
    } catch (error) {
      throw new Failure(
        'rejected',
        'odd-sale',
        `${entity} ${number} is not as QuickBooks makes them. Look at it there: a quantity or line is unreadable.`,
        { cause: error },
      );
    }
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return deletedDoc(entity, number, config);
    throw error;
  }
}
