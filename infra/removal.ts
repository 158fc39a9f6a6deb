import { RemovalPolicy } from 'aws-cdk-lib';
import type { EnvironmentSettings } from './settings.ts';

/** What becomes of a table when its stack goes. */
export function removalOf({ keepData }: EnvironmentSettings) {
  return { removalPolicy: removalPolicyOf(keepData), deletionProtection: keepData };
}

export function removalPolicyOf(keepData: boolean): RemovalPolicy {
  return keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
}
