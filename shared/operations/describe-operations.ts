import * as z from 'zod';
import { VERSION } from '../text/version.ts';
import { type Operation, operation } from './operation.ts';

/** The operation that reports the version and lists the others with their inputs, made from the list itself. */
export function describeOperations(operations: readonly Operation[]): Operation {
  return operation({
    name: 'describe_operations',
    description: 'The version, and all operations with their inputs as JSON Schema',
    input: z.strictObject({}),
    run: async () => ({
      version: VERSION,
      operations: operations.map(({ name, description, input, writes = false }) => ({
        name,
        description,
        writes,
        input: z.toJSONSchema(input, { io: 'input' }),
      })),
    }),
  });
}
