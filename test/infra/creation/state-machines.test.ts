import { getLanguageService, TextDocument } from 'amazon-states-language-service';
import { describe, expect, test } from 'vitest';
import { deployed, ENVIRONMENTS, resourcesOf } from '../../support/deployed-templates.ts';
import { permissionsOf } from '../../support/policies.ts';
import { allDependenciesOf } from '../../support/template-references.ts';
import { deployedValue } from '../../support/template-values.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const DEFINITION_BYTES = 1_048_576;
const LONGEST_STATE_NAME = 80;
// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
const LONGEST_LABEL = 40;
const MOST_AT_ONCE = 10_000;

interface State {
  readonly Type: string;
  readonly Label?: string;
  readonly MaxConcurrency?: number;
  readonly ToleratedFailurePercentage?: number;
  readonly ItemProcessor?: { readonly States: Readonly<Record<string, State>> };
}

describe.each(ENVIRONMENTS)('in %s', (environment) => {
  const { template } = deployed(environment);
  const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine').map(
    ([id, properties]) =>
      [
        String(properties.StateMachineName),
        id,
        deployedValue(properties.DefinitionString, template),
      ] as const,
  );

  test.each(machines)(
    '%s is a state machine to the checker of AWS itself',
    async (_name, _id, definition) => {
      expect(await problemsOf(definition)).toEqual([]);
      expect(await problemsOf(definition.replace(/"Next":"\w+"/, '"Next":"Nowhere"'))).not.toEqual([]);
    },
  );

  test.each(machines)('%s stays within the limits of definitions and maps', (_name, _id, definition) => {
    expect(Buffer.byteLength(definition)).toBeLessThanOrEqual(DEFINITION_BYTES);
    const states = Object.entries(statesIn(JSON.parse(definition)));
    for (const [name, state] of states) {
      expect(name.length, name).toBeLessThanOrEqual(LONGEST_STATE_NAME);
      if (state.Type !== 'Map') continue;
      expect(state.Label).toMatch(/^[\w-]+$/);
      expect(state.Label?.length).toBeLessThanOrEqual(LONGEST_LABEL);
      expect(state.MaxConcurrency).toBeLessThanOrEqual(MOST_AT_ONCE);
      expect(state.ToleratedFailurePercentage).toBeLessThanOrEqual(100);
    }
  });

  const withMap = machines.filter(([, , definition]) => definition.includes('"DISTRIBUTED"'));
  // A distributed map starts executions of its own machine, and writes their results to S3.
  // https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
  test.each(withMap)('%s may run its map, and is created after it may', (name, id) => {
    const role = template.Resources[id]?.Properties.RoleArn as { 'Fn::GetAtt': [string, string] };
    const allowed = permissionsOf(role['Fn::GetAtt'][0], template);
    const states = (kind: string, rest: string) =>
      `arn:aws:states:us-east-1:000000000000:${kind}:${name}${rest}`;
    for (const needed of [
      { action: 'states:StartExecution', resource: states('stateMachine', '') },
      { action: 'states:DescribeExecution', resource: states('execution', ':*') },
      { action: 'states:StopExecution', resource: states('execution', ':*') },
      { action: 'states:DescribeMapRun', resource: states('mapRun', '/Units:*') },
    ]) {
      expect(allowed).toContainEqual(needed);
    }
    for (const action of ['GetObject', 'PutObject', 'ListMultipartUploadParts', 'AbortMultipartUpload']) {
      expect(allowed.map((permission) => permission.action)).toContain(`s3:${action}`);
    }
    const before = [...allDependenciesOf(id, template)].map((needed) => template.Resources[needed]?.Type);
    expect(before).toContain('AWS::IAM::Policy');
  });
});

async function problemsOf(definition: string): Promise<string[]> {
  const service = getLanguageService({});
  const document = TextDocument.create('definition.asl.json', 'asl', 1, definition);
  const found = await service.doValidation(document, service.parseJSONDocument(document));
  return found.map(({ message }) => String(message));
}

/** All states, also those of maps. */
function statesIn({ States }: { readonly States: Readonly<Record<string, State>> }): Record<string, State> {
  const inner = Object.values(States).map(({ ItemProcessor }) =>
    ItemProcessor ? statesIn(ItemProcessor) : {},
  );
  return Object.assign({}, States, ...inner);
}
