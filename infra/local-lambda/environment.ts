import { basename, extname } from 'node:path';

export interface LambdaDescription {
  name: string;
  handlerFile: string;
  environment: Record<string, string>;
  timeoutSeconds: number;
  memoryMegabytes?: number;
}

const DEFAULT_REGION = 'us-east-1';
const LOCAL_ACCOUNT = '000000000000';
const DEFAULT_MEMORY_MEGABYTES = 512;

/**
 * The whole environment of a function's process: what the deployment sets, and what Lambda adds.
 * Nothing is inherited, so a handler that reads a variable nobody deploys fails here too.
 */
export function lambdaEnvironment(lambda: LambdaDescription, taskRoot: string): Record<string, string> {
  const region = lambdaRegion(lambda);
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_LAMBDA_FUNCTION_NAME: lambda.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(lambdaMemory(lambda)),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${lambda.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local/[$LATEST]',
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
    LAMBDA_TASK_ROOT: taskRoot,
    LANG: 'en_US.UTF-8',
    // Lambda runs in UTC whatever the machine's zone; a handler that forgets it must fail alike here.
    TZ: ':UTC',
    _HANDLER: `${basename(lambda.handlerFile, extname(lambda.handlerFile))}.handler`,
    ...lambda.environment,
  };
}

export function lambdaArn(lambda: LambdaDescription): string {
  return `arn:aws:lambda:${lambdaRegion(lambda)}:${LOCAL_ACCOUNT}:function:${lambda.name}`;
}

export function lambdaMemory(lambda: LambdaDescription): number {
  return lambda.memoryMegabytes ?? DEFAULT_MEMORY_MEGABYTES;
}

function lambdaRegion(lambda: LambdaDescription): string {
  return lambda.environment.AWS_REGION ?? DEFAULT_REGION;
}
