import type { Doc } from '../../domain/document.ts';
import { Failure } from '../../platform/failure.ts';
import { shaped } from './answer.ts';
import { getRequest, keyed, type SapClient, withQuery } from './api.ts';
import type { SapConfig } from './config.ts';
import { docOf } from './document-state.ts';
import { readDocName } from './documents.ts';
import { businessDocument, DOCUMENT_FIELDS } from './shapes.ts';

export async function fetchDocument(client: SapClient, config: SapConfig, doc: string): Promise<Doc | 'gone'> {
  const named = readDocName(doc);
  if (!named) return 'gone';
  try {
    const path = withQuery(keyed(named.set, named.entry), { select: DOCUMENT_FIELDS });
    const response = await client.call('document', getRequest(config, path));
    return docOf(named.set, shaped(response, businessDocument, path), config);
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    if (error instanceof Failure) throw error;
    throw new Failure(
      'rejected',
      'odd-document',
      `${doc} holds a quantity that is none. Open it in SAP Business One.`,
      { cause: error },
    );
  }
}
