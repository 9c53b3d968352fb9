import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type JobStore, openJobStore } from '../../functions/records/job-store.ts';
import { openRecordStore, type RecordStore } from '../../functions/records/store.ts';
import type { Deployment } from './deployment.ts';

type Table = Pick<Deployment, 'clients' | 'table'>;

/** The images' records of a deployment. */
export function recordsOf({ clients, table }: Table): RecordStore {
  return openRecordStore(DynamoDBDocumentClient.from(clients.dynamodb), table);
}

export function jobsOf({ clients, table }: Table): JobStore {
  return openJobStore(DynamoDBDocumentClient.from(clients.dynamodb), table);
}
