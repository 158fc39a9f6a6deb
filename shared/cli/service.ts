import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoDbDocuments, s3 } from '../aws/clients.ts';
import { readConfig } from '../aws/config.ts';
import { newChangeId } from '../changes/change.ts';
import type { OperationDeps } from '../operations/operation.ts';
import { STORAGE_SETTINGS, storageOf } from '../pipeline/storage.ts';
import type { Target } from './target.ts';

/** Who asks, when, and until when. */
type Asker = Pick<OperationDeps, 'actor' | 'now' | 'signal'>;

/** What the operations of a target work on: the same that the deployed function gives them. */
export function serviceOf(client: DynamoDBClient, target: Target, asker: Asker): OperationDeps {
  const docs = dynamoDbDocuments(client);
  return {
    ...asker,
    tracking: { docs, name: target.trackingTable },
    projection: { docs, name: target.projectionTable },
    storage: storageOf(s3(), readConfig(STORAGE_SETTINGS)),
    newId: () => newChangeId(asker.now, randomBytes(4).toString('hex')),
    sleep,
  };
}
