import * as z from 'zod';
import { classifyFault } from '../aws/faults.ts';
import { issueText } from '../text/issue-text.ts';
import { type RefusalStatus, Refused } from '../text/refused.ts';
import { abridged, cutTo } from '../text/visible-text.ts';
import type { Operation, OperationDeps } from './operation.ts';
import { invalidToken } from './page-token.ts';
import { checkRequestForm } from './request-form.ts';

/** The answer to a refused request. */
export interface Refusal {
  readonly statusCode: RefusalStatus;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
  /** As far as it can be shown; undefined where the request names none. */
  readonly operation: string | undefined;
  readonly supported_operations?: readonly string[];
}

/** What a caller may request: everything, or only operations that read. */
export type Allowed = 'everything' | 'reading';

/**
 * Answers one request: the operation's own body, or a refusal that says what to fix. Unexpected faults are
 * thrown, so that Lambda reports them as such.
 */
export async function answer(
  request: unknown,
  operations: readonly Operation[],
  deps: OperationDeps,
  allowed: Allowed = 'everything',
): Promise<object> {
  const { operation: name, ...input } = isObject(request) ? request : {};
  const supported = operations.filter(({ writes }) => allowed === 'everything' || !writes);
  const operation = operations.find((candidate) => candidate.name === name);
  if (!operation) return unsupported(request, name, supported);
  try {
    if (!supported.includes(operation)) throw writingRefused(operation);
    checkRequestForm(input);
    return await operation.run(deps, checkInput(operation, input));
  } catch (error) {
    const refused = refusedBy(error, input);
    if (refused) return refusal(operation.name, refused);
    throw error;
  }
}

/** If DynamoDB or S3 rejects a position, the token is wrong: it is no fault of ours. */
function refusedBy(error: unknown, { next_token }: { readonly next_token?: unknown }): Refused | undefined {
  if (error instanceof Refused) return error;
  return next_token !== undefined && classifyFault(error) === 'rejected' ? invalidToken() : undefined;
}

function writingRefused({ name }: Operation): Refused {
  return new Refused(
    'READ_ONLY',
    `${name} writes, and this function only reads.`,
    'Call the operations function, which needs a permission of its own. Nothing was written.',
  );
}

function unsupported(request: unknown, name: unknown, operations: readonly Operation[]): Refusal {
  const supported_operations = operations.map((operation) => operation.name);
  const message = isObject(request)
    ? `"operation": received ${shown(name)}, allowed: ${supported_operations.join(', ')}.`
    : `The payload: received ${shown(request)}, allowed: a JSON object with "operation".`;
  const hint = 'Send a JSON object such as {"operation": "get_stats"}.';
  const code = isObject(request) ? 'UNKNOWN_OPERATION' : 'INVALID_PAYLOAD';
  return {
    statusCode: 400,
    error: { code, message, hint },
    operation: shownName(name),
    supported_operations,
  };
}

/** What a request names as its operation, cut: it may be of any form and size. */
export function operationIn(request: unknown): string | undefined {
  return isObject(request) ? shownName(request.operation) : undefined;
}

function shownName(name: unknown): string | undefined {
  if (name === undefined) return undefined;
  return typeof name === 'string' ? abridged(name, LONGEST_SHOWN) : shown(name);
}

/**
 * The input in the form that the operation takes.
 *
 * @throws Refused naming each field, what was received and what is allowed
 */
export function checkInput({ name, input: schema }: Operation, input: unknown): unknown {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields = Object.keys(z.toJSONSchema(schema, { io: 'input' }).properties ?? {});
  throw new Refused(
    'INVALID_INPUT',
    parsed.error.issues.map((issue) => describeIssue(issue, input)).join(' '),
    `Fields of ${name}: ${fields.join(', ') || 'none'}.`,
  );
}

function refusal(operation: string, { statusCode, code, message, hint }: Refused): Refusal {
  return { statusCode, error: { code, message, hint }, operation };
}

function describeIssue(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === 'unrecognized_keys')
    return `Unknown field(s): ${abridged(issue.keys.join(', '), LONGEST_LIST)}.`;
  const field = issue.path.length > 0 ? `"${issue.path.join('.')}"` : 'The request';
  return `${field}: received ${shown(valueAt(input, issue.path))}, ${issueText(issue)}.`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined | null)?.[key],
    input,
  );
}

const LONGEST_SHOWN = 80;
const LONGEST_LIST = 1_000;

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = shallowText(value);
  return text.length > LONGEST_SHOWN ? `${cutTo(text, LONGEST_SHOWN)}…` : text;
}

/** The text of a value that may be nested too deep for JSON. */
function shallowText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'a value that is nested too deep';
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
