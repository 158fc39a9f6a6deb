import { S3Client } from '@aws-sdk/client-s3';
import { vi } from 'vitest';
import { startS3Server } from '../../infra/local/s3-server.ts';
import { createBuckets } from '../../infra/local/tables.ts';
import type { FaultWeights } from '../../infra/simulator/faults.ts';
import { FIELD_LIFECYCLE, type PipelineSettings } from '../../infra/simulator/options.ts';
import { createPipeline, type Pipeline } from '../../infra/simulator/pipeline.ts';
import { pipelineProfile } from '../../shared/settings/pipeline-profile.ts';
import { targetOf } from '../support/field-pipeline.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { DAY } from './plan.ts';

export interface SceneOptions {
  readonly version: 'A' | 'B';
  readonly seed: number;
  readonly maxFiles: number;
  /** What goes wrong by chance; as much as in the field unless it is given. */
  readonly weights?: FaultWeights;
}

/** Fewer than in the field, since each is asked for by itself, again and again. */
const SHARDS = 2;

/** Objects and records of a development deployment go sooner. */
const DEV_LIFECYCLE = { manifest: 1, input: 3, quarantine: 30, record: 30, inFlight: 30 };

/** How the deployments of both versions differ: B writes below prefixes and keeps things for a shorter time. */
const DEPLOYMENTS = {
  A: { lifecycle: FIELD_LIFECYCLE },
  B: { lifecycle: DEV_LIFECYCLE, outputPrefix: 'pipeline/output/', quarantinePrefix: 'refused/' },
} as const satisfies Record<'A' | 'B', Partial<PipelineSettings>>;

/** A simulated pipeline, the local services that it and the project work on, and the time that all of them have. */
export type Scene = Awaited<ReturnType<typeof openScene>>;

/**
 * Sets up a play that begins at the next midnight: DynamoDB Local removes by the real clock what has expired, so time
 * never lies in the past. The S3 server runs in this process, for its times are those of `Date`, which is set to the
 * time of the pipeline at each request.
 */
export async function openScene({ version, seed, maxFiles, weights }: SceneOptions) {
  const startMillis = Math.ceil((Date.now() + 1) / DAY) * DAY;
  const server = await startS3Server({ port: 0 });
  const local = await localAws({ streamed: true });
  const s3 = new S3Client({
    region: 'us-east-1',
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'play', secretAccessKey: 'local' },
  });
  const deployment = DEPLOYMENTS[version];
  // Some deployments wake their builder by the table's stream, at inserts alone.
  const wakesOn = seed % 2 === 0 ? 'insert' : 'event';
  const settings = { version, seed, maxFiles, shards: SHARDS, wakesOn, ...deployment } as const;
  const profile = profileOf(settings);
  const environment = {
    ...local.environment,
    AWS_ENDPOINT_URL_S3: server.endpoint,
    PIPELINE_PROFILE: JSON.stringify(profile),
  };
  const aws: LocalAws = { ...local, s3, environment };
  vi.useFakeTimers({ toFake: ['Date'], now: startMillis });
  let pipeline: Pipeline | undefined;
  s3.middlewareStack.add(
    (next) => (args) => {
      vi.setSystemTime(pipeline?.now() ?? startMillis);
      return next(args);
    },
    { step: 'initialize' },
  );
  await createBuckets(s3, Object.values(aws.buckets));
  pipeline = createPipeline({ ...targetOf(aws), startMillis, ...settings, ...(weights && { weights }) });
  const { lifecycle } = deployment;
  return {
    ...{ aws, pipeline, profile, version, seed, startMillis, lifecycle },
    async close() {
      vi.useRealTimers();
      s3.destroy();
      await server.stop();
    },
  };
}

/** What `pipeline.json` says of such a deployment. */
function profileOf({
  lifecycle,
  maxFiles,
  ...settings
}: Pick<PipelineSettings, 'lifecycle' | 'maxFiles'> & Partial<PipelineSettings>) {
  return pipelineProfile.parse({
    input: { expire_days: lifecycle.input },
    manifests: { expire_days: lifecycle.manifest },
    quarantine: { prefix: settings.quarantinePrefix ?? '', expire_days: lifecycle.quarantine },
    records: { settled_days: lifecycle.record },
    builder: { max_files: maxFiles },
    shards: { count: SHARDS },
  });
}
