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
 * A state machine that continues plans and changes that are too large for one invocation; the operations may start it.
 * It has no alarm: whoever started the change can see in it how far it got, and can resume it.
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
    { id: 'AwsSolutions-SF2', reason: 'It calls one function, whose log says what a trace would.' },
  );
  // Built from its name: the machine calls the function, so each would wait for the other to be created.
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
 * Calls `continue_change` repeatedly until it answers `done`; the answer may have the form of a web server's. A change
 * that was closed or has stopped is also done. So is, for this execution, a change that took very many calls: the
 * function then starts another execution, because the history of one is limited.
 */
export function changeRunDefinition(functionArn: string, partition: string) {
  return {
    Comment: 'Continues plans and changes that are too large for one invocation',
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
      // Used when a change waits longer for the result of a stage.
      Pause: { Type: 'Wait', Seconds: '{% $states.input.wait_seconds %}', Next: 'Continue' },
      Refused: { Type: 'Fail', Error: 'Refused', Cause: '{% $states.input.error.message %}' },
      Done: { Type: 'Succeed' },
    },
  };
}
