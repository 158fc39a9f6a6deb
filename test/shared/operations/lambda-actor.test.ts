import { expect, test } from 'vitest';
import { type LambdaCall, lambdaActor } from '../../../shared/operations/lambda-actor.ts';

const invokedFunctionArn = 'arn:aws:lambda:eu-central-1:123456789012:function:state-management-prod';
const actor = (call: object) =>
  lambdaActor({ awsRequestId: 'request-1', invokedFunctionArn, ...call } as LambdaCall);

test('a direct invocation is known by the function that it came through', () => {
  expect(actor({})).toEqual({
    identity: `invoked through ${invokedFunctionArn}`,
    source: 'lambda',
    request_id: 'request-1',
  });
});

test.each([['custom'], ['Custom']])(
  'a name in the client context (%s) is kept as stated, not alone',
  (field) => {
    expect(actor({ clientContext: { [field]: { actor: ' alice ' } } })).toEqual({
      identity: `alice (as stated), invoked through ${invokedFunctionArn}`,
      source: 'lambda client context',
      request_id: 'request-1',
    });
  },
);

test.each([[{ custom: { actor: 7 } }], [{ custom: 'alice' }], [{ custom: { actor: ' ' } }], ['alice']])(
  'a client context of %j states no name',
  (clientContext) => {
    expect(actor({ clientContext }).source).toBe('lambda');
  },
);

test('a Cognito identity is the caller', () => {
  const identity = { cognitoIdentityId: 'eu-central-1:1-2-3', cognitoIdentityPoolId: 'pool' };
  expect(actor({ identity })).toEqual({
    identity: 'eu-central-1:1-2-3',
    source: 'cognito',
    request_id: 'request-1',
  });
});
