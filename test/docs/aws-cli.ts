import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Ended } from '../support/runbook.ts';

type Environment = Readonly<Record<string, string>>;

/** The commands and flags that the replacement of the AWS CLI knows; like the AWS CLI it refuses all others. */
const FLAGS = {
  'lambda invoke': {
    'function-name': { type: 'string' },
    payload: { type: 'string' },
    'cli-read-timeout': { type: 'string' },
  },
  's3 cp': {},
} as const;

/**
 * Answers as the AWS CLI does, with the same variables, but in this process: starting the AWS CLI would take ten times
 * as long as the rest.
 *
 * @throws Error if a command, a flag or a variable is unknown or missing
 */
export async function runAwsCli(argv: readonly string[], env: Environment): Promise<Ended> {
  const [service, verb, ...rest] = argv;
  switch (`${service} ${verb}`) {
    case 'lambda invoke':
      return succeeded(await invoke(rest, env));
    case 's3 cp':
      return succeeded(await copy(rest, env));
    default:
      throw new Error(`aws ${service} ${verb} is not known here.`);
  }
}

async function invoke(args: string[], env: Environment): Promise<string> {
  const { values, positionals } = parseArgs({
    args,
    options: FLAGS['lambda invoke'],
    allowPositionals: true,
  });
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new Error('aws lambda invoke writes into one file.');
  const client = new LambdaClient(connection(env, 'AWS_ENDPOINT_URL_LAMBDA'));
  const { Payload, StatusCode, FunctionError } = await client.send(
    new InvokeCommand({ FunctionName: values['function-name'], Payload: values.payload }),
  );
  client.destroy();
  writeFileSync(file, Payload ?? '');
  return `${JSON.stringify({ StatusCode, FunctionError }, null, 4)}\n`;
}

async function copy(args: string[], env: Environment): Promise<string> {
  const { positionals } = parseArgs({ args, options: FLAGS['s3 cp'], allowPositionals: true });
  const [from = '', to] = positionals;
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(from) ?? [];
  if (Key === undefined || to !== '-') throw new Error('aws s3 cp only prints an object here.');
  const client = new S3Client({ ...connection(env, 'AWS_ENDPOINT_URL_S3'), forcePathStyle: true });
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  const text = (await Body?.transformToString()) ?? '';
  client.destroy();
  return text;
}

function connection(env: Environment, endpoint: string) {
  const variable = (name: string) => {
    if (!env[name]) throw new Error(`aws needs ${name}.`);
    return env[name];
  };
  return {
    endpoint: variable(endpoint),
    region: variable('AWS_DEFAULT_REGION'),
    credentials: {
      accessKeyId: variable('AWS_ACCESS_KEY_ID'),
      secretAccessKey: variable('AWS_SECRET_ACCESS_KEY'),
    },
  };
}

function succeeded(stdout: string): Ended {
  return { code: 0, stdout, stderr: '' };
}
