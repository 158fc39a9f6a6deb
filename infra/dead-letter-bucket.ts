import { Duration, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { BUCKET_PREFIXES } from '../shared/aws/deployment-names.ts';
import { removalPolicyOf } from './removal.ts';
import type { EnvironmentSettings } from './settings.ts';

const MULTIPART_DAYS = 7;
const RUNS_DAYS = 90;
// Somebody has to look at a dead letter, and an alarm tells of it; a year is more than any holiday.
const DEAD_LETTER_DAYS = 365;

/** Holds what could not be applied, until somebody has replayed it. */
export function deadLetterBucket(scope: Construct, { names, keepData }: EnvironmentSettings): Bucket {
  const bucket = new Bucket(scope, 'DeadLetterBucket', {
    bucketName: names.deadLetterBucket,
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    lifecycleRules: [
      { id: 'dead-letters', expiration: Duration.days(DEAD_LETTER_DAYS) },
      { id: 'runs', prefix: BUCKET_PREFIXES.runs, expiration: Duration.days(RUNS_DAYS) },
      { id: 'uploads', abortIncompleteMultipartUploadAfter: Duration.days(MULTIPART_DAYS) },
    ],
    removalPolicy: removalPolicyOf(keepData),
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Only the functions and operators of this account reach it, and a log bucket would need one itself.',
  });
  return bucket;
}
