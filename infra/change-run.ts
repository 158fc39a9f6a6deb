import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import { Role } from 'aws-cdk-lib/aws-iam';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { configVariables } from '../shared/aws/config.ts';
import { partName } from '../shared/aws/deployment-names.ts';
import { grant, serviceOfThisAccount } from './access.ts';
import type { DeployedFunction } from './functions/function.ts';
import { RETRY_FAILURE, RETRY_SERVICE } from './run-definition.ts';
import type { EnvironmentSettings } from './settings.ts';

/**
 * A state machine that goes on with plans and changes that are larger than one invocation, and lets the operations start
 * it. It has no alarm: whoever began the change sees by it how far it came, and resumes it.
 */
export function createChangeRun(
  scope: Construct,
  settings: EnvironmentSettings,
  { fn, role }: DeployedFunction,
): StateMachine {
  const stack = Stack.of(scope);
  const stateMachineName = partName('changes', settings);
  const machineRole = new Role(scope, 'ChangesRole', {
    assumedBy: serviceOfThisAccount(scope, 'states.amazonaws.com'),
  });
  grant(machineRole, [{ actions: ['lambda:InvokeFunction'], resources: [fn.functionArn] }]);
  const definition = changeRunDefinition(fn.functionArn, stack.partition);
  const machine = new StateMachine(scope, 'Changes', {
    stateMachineName,
    comment: definition.Comment,
    role: machineRole,
    definitionBody: DefinitionBody.fromString(stack.toJsonString(definition)),
  });
  Validations.of(machine).acknowledge(
    { id: 'AwsSolutions-SF1', reason: 'The service keeps the history of standard executions.' },
    { id: 'AwsSolutions-SF2', reason: 'It calls one function, whose log tells what a trace would.' },
  );
  // By its name: the machine calls the function, and each would wait for the other to be created.
  const machineArn = stack.formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: stateMachineName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  for (const [name, value] of Object.entries(configVariables({ changeMachine: machineArn })))
    fn.addEnvironment(name, value);
  grant(role, [{ actions: ['states:StartExecution'], resources: [machineArn] }]);
  return machine;
}

/**
 * Asks `continue_change` again and again until it says `done`; the answer may be in the form of a web server's. A change
 * that somebody has closed, or that stopped, is done as well. So is, for this execution, one that it has asked for very
 * often: the function then begins another execution, since the history of one is bounded.
 */
export function changeRunDefinition(functionArn: string, partition: string) {
  return {
    Comment: 'Goes on with plans and changes that are larger than one invocation',
    QueryLanguage: 'JSONata',
    StartAt: 'Continue',
    States: {
      Continue: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::lambda:invoke`,
        Arguments: {
          FunctionName: functionArn,
          Payload: {
            operation: 'continue_change',
            change_id: '{% $states.input.change_id %}',
            loops: '{% $exists($states.input.loops) ? $states.input.loops : 0 %}',
          },
        },
        Output:
          '{% $exists($states.result.Payload.body) ? $parse($states.result.Payload.body) : $states.result.Payload %}',
        Retry: [RETRY_SERVICE, RETRY_FAILURE],
        Next: 'IsDone',
      },
      IsDone: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% $exists($states.input.error) %}', Next: 'Refused' },
          { Condition: '{% $states.input.done = true %}', Next: 'Done' },
        ],
        Default: 'Pause',
      },
      // Where what became of a stage is waited for, longer than a moment.
      Pause: { Type: 'Wait', Seconds: '{% $states.input.wait_seconds %}', Next: 'Continue' },
      Refused: { Type: 'Fail', Error: 'Refused', Cause: '{% $states.input.error.message %}' },
      Done: { Type: 'Succeed' },
    },
  };
}
