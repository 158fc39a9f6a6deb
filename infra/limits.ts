import { Stack } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';

/** Of names and values together: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const ENVIRONMENT_BYTES = 4_096;

/** Refuses settings that are too long for Lambda before anything is deployed: Lambda's own error would come halfway through. */
export function refuseTooLongVariables(stack: Stack): void {
  stack.node.addValidation({ validate: () => functionsOf(stack).flatMap(problemOf) });
}

function functionsOf(stack: Stack): CfnFunction[] {
  return stack.node.findAll().filter((construct) => construct instanceof CfnFunction);
}

function problemOf(fn: CfnFunction): string[] {
  const { variables = {} }: { variables?: Record<string, unknown> } =
    Stack.of(fn).resolve(fn.environment) ?? {};
  const sizes = Object.entries(variables).map(([name, value]) => ({ name, bytes: bytesOf(name, value) }));
  const bytes = sizes.reduce((sum, variable) => sum + variable.bytes, 0);
  if (bytes <= ENVIRONMENT_BYTES) return [];
  const longest = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  return [
    `The environment variables of ${fn.functionName} are ${bytes} bytes long, allowed: ${ENVIRONMENT_BYTES}. The longest is ${longest.name}: shorten the settings that it holds.`,
  ];
}

/** A value that is known only after deployment, such as an account number, is shorter than its placeholder function. */
function bytesOf(name: string, value: unknown): number {
  return Buffer.byteLength(name + (typeof value === 'string' ? value : JSON.stringify(value)));
}
