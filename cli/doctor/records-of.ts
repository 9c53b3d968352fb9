import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { openRecordStore, type RecordStore } from '../../functions/records/store.ts';
import type { Deployment } from '../deployment/deployment.ts';

/** The records of a deployment. */
export function recordsOf({ clients, table }: Pick<Deployment, 'clients' | 'table'>): RecordStore {
  return openRecordStore(DynamoDBDocumentClient.from(clients.dynamodb), table);
}
