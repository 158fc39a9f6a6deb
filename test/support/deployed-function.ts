import { type LambdaFunction, startLambdaFunction } from '../../infra/local-lambda/function.ts';
import { type EnvironmentSettings, environmentSettings } from '../../infra/settings.ts';
import type { LocalAws } from './local-aws.ts';
import type { TemplateFunction } from './policies.ts';

/** The settings of a deployment whose tables and buckets are those of a test file. */
export function deployedSettings(aws: LocalAws): EnvironmentSettings {
  const dev = environmentSettings('dev', {});
  const { trackingTable, projectionTable, buckets } = aws;
  return {
    ...dev,
    names: {
      ...dev.names,
      trackingTable,
      projectionTable,
      inputBucket: buckets.input,
      manifestBucket: buckets.manifest,
      outputBucket: buckets.output,
      quarantineBucket: buckets.quarantine,
      deadLetterBucket: buckets.deadLetter,
    },
  };
}

/**
 * Starts a function as it is deployed: with its bundle, the variables of its template and its time limit. Like Lambda,
 * this adds region and credentials; the test adds the endpoints. There is nothing else.
 *
 * @param endpoints the SDK's variables with addresses on this machine
 */
export function startDeployedFunction(
  { name, timeoutSeconds, environment }: TemplateFunction,
  bundleFile: string,
  aws: LocalAws,
  endpoints: Readonly<Record<string, string>>,
  onOutput: (line: string) => void,
): LambdaFunction {
  const { AWS_REGION = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = aws.environment;
  return startLambdaFunction({
    name,
    handlerFile: bundleFile,
    environment: {
      ...environment,
      ...{ AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY },
      ...endpoints,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    timeoutSeconds,
    onOutput,
  });
}
