import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { afterAll, expect, test } from 'vitest';
import { FUNCTIONS } from '../../../infra/functions/all.ts';
import { LEAST_BOOTSTRAP } from '../../../runbooks/doctor/account.ts';
import { SCHEDULED, scheduledOf } from '../../../runbooks/doctor/names.ts';
import { FUNCTIONS as CHECKED, functionsOf as checkedOf } from '../../../runbooks/doctor/reading.ts';
import { MACHINES, POLICIES } from '../../../runbooks/doctor/stack-names.ts';
import { partName } from '../../../shared/aws/deployment-names.ts';
import { prodConstructs } from '../../support/prod-stage.ts';

/** The doctor checks exactly what a deployment creates. */

const folder = mkdtempSync(join(tmpdir(), 'state-manager-doctor-'));

afterAll(() => rmSync(folder, { recursive: true }));

test('it checks every deployed function', () => {
  expect([...CHECKED].sort()).toEqual(FUNCTIONS.map(({ handler }) => handler).sort());
});

test('it checks every deployed schedule', () => {
  const { settings, constructs } = prodConstructs(folder);
  const schedules = constructs.filter((construct) => construct instanceof CfnSchedule);
  const names = SCHEDULED.map((part) => partName(part, settings));
  expect(names.sort()).toEqual(schedules.map(({ name = '' }) => name).sort());
});

test('it checks the function and the schedule of an outlet, where there is a bus', () => {
  const outlet = { bus: 'notices', create: false };
  for (const enableSchedules of [true, false]) {
    const { settings, constructs } = prodConstructs(folder, { outlet, enableSchedules });
    const schedules = constructs.filter((construct) => construct instanceof CfnSchedule);
    const names = scheduledOf(settings).map((part) => partName(part, settings));
    expect(names.sort()).toEqual(schedules.map(({ name = '' }) => name).sort());
    expect(checkedOf(settings)).toEqual([...CHECKED, 'outlet']);
  }
});

test('it checks every deployed policy and state machine, and the dashboard', () => {
  const { settings, constructs } = prodConstructs(folder);
  const partsOf = (parts: readonly string[]) => parts.map((part) => partName(part, settings)).sort();
  const policies = constructs.filter((construct) => construct instanceof CfnManagedPolicy);
  expect(partsOf(POLICIES)).toEqual(policies.map(({ managedPolicyName = '' }) => managedPolicyName).sort());
  const machines = constructs.filter((construct) => construct instanceof CfnStateMachine);
  expect(partsOf(MACHINES)).toEqual(machines.map(({ stateMachineName = '' }) => stateMachineName).sort());
  const dashboards = constructs.filter((construct) => construct instanceof CfnDashboard);
  expect(dashboards.map(({ dashboardName }) => dashboardName)).toEqual([settings.names.alarmPrefix]);
});

test('it requires the bootstrap version that the CDK of this project needs', () => {
  const app = new App({ outdir: join(folder, 'empty'), builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'Empty');
  const artifact = app.synth().getStackArtifact(stack.artifactId);
  expect(artifact.requiresBootstrapStackVersion).toBe(LEAST_BOOTSTRAP);
  expect(artifact.bootstrapStackVersionSsmParameter).toBe('/cdk-bootstrap/hnb659fds/version');
});
