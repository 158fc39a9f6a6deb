import jsonata from 'jsonata';

/** A state machine's definition, with what this project uses. */
export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

interface State {
  readonly Type: 'Pass' | 'Task' | 'Choice' | 'Map' | 'Wait' | 'Succeed' | 'Fail';
  readonly Next?: string;
  readonly Resource?: string;
  readonly Arguments?: unknown;
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Output?: unknown;
  readonly Choices?: readonly { readonly Condition: string; readonly Next: string }[];
  readonly Default?: string;
  readonly Items?: string;
  readonly ItemProcessor?: Definition;
  readonly Cause?: string;
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
}

/** The tasks of a machine, by the end of their resource, such as `lambda:invoke`. */
export type Tasks = Readonly<Record<string, (args: never) => Promise<unknown>>>;

/** How an execution ended. */
export interface Execution {
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly output: unknown;
}

type Variables = Record<string, unknown>;

// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const MOST_BYTES = 256 * 1_024;
const MAP_RUN = 'arn:aws:states:us-east-1:000000000000:mapRun:machine/Units:run';

/**
 * Runs a definition with its expressions: one unit after another, and without retries, so that the machine is tested
 * and not the service.
 */
export async function execute(
  definition: Definition,
  input: unknown,
  tasks: Tasks,
  name = 'execution-1',
): Promise<Execution> {
  const counts = { Total: 0, Succeeded: 0, Failed: 0 };
  const allTasks: Tasks = { 'sfn:describeMapRun': async () => ({ ItemCounts: counts }), ...tasks };
  const onUnit = ({ status }: Execution) => {
    counts.Total += 1;
    counts[status === 'SUCCEEDED' ? 'Succeeded' : 'Failed'] += 1;
  };
  return run(definition, input, allTasks, onUnit, name);
}

async function run(
  { StartAt, States }: Definition,
  input: unknown,
  tasks: Tasks,
  onUnit: (unit: Execution) => void,
  execution: string,
): Promise<Execution> {
  const variables: Variables = {};
  let data = input;
  let name: string | undefined = StartAt;
  while (name !== undefined) {
    const state: State | undefined = States[name];
    if (!state) throw new Error(`There is no state ${name}.`);
    const before = { input: data, context: { Execution: { Name: execution } } };
    if (state.Type === 'Fail')
      return { status: 'FAILED', output: await fill(state.Cause, before, variables) };
    const outcome = await resultOf(state, before, variables, tasks, onUnit).then(
      (result) => ({ result }),
      (error: Error) => ({ error }),
    );
    if ('error' in outcome) {
      name = catcherOf(state, outcome.error);
      continue;
    }
    const { result } = outcome;
    // No state can catch it.
    if (sizeOf(result) > MOST_BYTES) return { status: 'FAILED', output: 'States.DataLimitExceeded' };
    const after = { ...before, result };
    const assigned = await fill(state.Assign ?? {}, after, variables);
    data = state.Output === undefined ? (result ?? data) : await fill(state.Output, after, variables);
    Object.assign(variables, assigned);
    name = state.Type === 'Choice' ? await choose(state, before, variables) : state.Next;
  }
  return { status: 'SUCCEEDED', output: data };
}

function sizeOf(result: unknown): number {
  return Buffer.byteLength(JSON.stringify(result) ?? '');
}

/** Errors of SDK integrations begin with the service's name. @throws the error if nothing catches it */
function catcherOf({ Catch = [] }: State, error: Error): string {
  const names = [`DynamoDb.${error.name}`, 'States.ALL'];
  const caught = Catch.find(({ ErrorEquals }) => ErrorEquals.some((name) => names.includes(name)));
  if (!caught) throw error;
  return caught.Next;
}

async function resultOf(
  state: State,
  states: object,
  variables: Variables,
  tasks: Tasks,
  onUnit: (unit: Execution) => void,
): Promise<unknown> {
  if (state.Type === 'Task') {
    const task = Object.entries(tasks).find(([end]) => state.Resource?.endsWith(`:${end}`))?.[1];
    if (!task) throw new Error(`No task was given for ${state.Resource}.`);
    return task((await fill(state.Arguments, states, variables)) as never);
  }
  if (state.Type !== 'Map' || !state.ItemProcessor) return undefined;
  for (const item of (await fill(state.Items, states, variables)) as unknown[]) {
    onUnit(await runUnit(state.ItemProcessor, item, tasks));
  }
  return { MapRunArn: MAP_RUN };
}

function runUnit(definition: Definition, item: unknown, tasks: Tasks): Promise<Execution> {
  const failed = (error: unknown): Execution => ({ status: 'FAILED', output: String(error) });
  return run(definition, item, tasks, () => undefined, 'unit').catch(failed);
}

async function choose({ Choices = [], Default }: State, states: object, variables: Variables) {
  for (const { Condition, Next } of Choices) if (await fill(Condition, states, variables)) return Next;
  return Default;
}

/** Evaluates the expressions in a value, `{% … %}`. */
async function fill(value: unknown, states: object, variables: Variables): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => fill(item, states, variables)));
  if (typeof value === 'object' && value !== null) {
    const filled = Object.entries(value).map(async ([name, part]) => [
      name,
      await fill(part, states, variables),
    ]);
    return Object.fromEntries(await Promise.all(filled));
  }
  const expression = typeof value === 'string' && /^\{%(.*)%\}$/s.exec(value)?.[1];
  if (!expression) return value;
  const query = jsonata(expression);
  // One of the functions that Step Functions adds to JSONata.
  query.registerFunction('parse', (text: string) => JSON.parse(text));
  const found: unknown = await query.evaluate({}, { states, ...variables });
  // JSONata's arrays have additional properties, but Step Functions passes on plain JSON.
  return found === undefined ? undefined : JSON.parse(JSON.stringify(found));
}
