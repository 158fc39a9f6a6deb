import { configVariables } from '../../shared/aws/config.ts';
import {
  LOCAL_PORT,
  LOCAL_PORT_VARIABLE,
  localConnection,
  localPort,
} from '../../shared/aws/local-machine.ts';
import { approvalText } from '../../shared/changes/approval-rule.ts';
import { LOCAL, readEnvironment } from '../../shared/settings/environment-files.ts';
import type { DeploymentNames, EnvironmentSettings } from '../../shared/settings/environment-settings.ts';
import { errorText } from '../../shared/text/error-text.ts';
import { Refused } from '../../shared/text/refused.ts';

/** Names and addresses of the local system: fixed, so that documented commands work as they are. */
export interface LocalSettings {
  /** The Lambda API and the page; DynamoDB and S3 have the next two ports. */
  readonly port: number;
  readonly names: DeploymentNames;
  /** What the pipeline is like. */
  readonly profile: EnvironmentSettings['profile'];
  /** How changes are gathered for the consumer. */
  readonly stream: EnvironmentSettings['stream'];
  /** What a deployment gives its functions, and the SDK's own variables that lead to this machine. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * What `settings.local.json` says, for the port in `STATE_MANAGER_PORT`, or for 4800.
 *
 * @throws Refused when the variable is not a port, or the file cannot be used
 */
export function localSettings(variables: NodeJS.ProcessEnv): LocalSettings {
  const port = readPort(variables[LOCAL_PORT_VARIABLE]);
  const settings = readSettings(variables);
  const { names, profile, stream } = settings;
  return { port, names, profile, stream, environment: environmentOf(port, settings, variables.AUTO_HEAL) };
}

function readSettings(variables: NodeJS.ProcessEnv): EnvironmentSettings {
  try {
    return readEnvironment(LOCAL, variables);
  } catch (error) {
    throw new Refused('UNAVAILABLE', errorText(error), 'Correct the settings, then start again.');
  }
}

function readPort(text: string | undefined): number {
  const port = localPort(text);
  if (port !== undefined) return port;
  throw new Refused(
    'UNAVAILABLE',
    `${LOCAL_PORT_VARIABLE}: received "${text}", allowed: a port from 1024 to 65533.`,
    `Leave it out to use ${LOCAL_PORT}, ${LOCAL_PORT + 1} and ${LOCAL_PORT + 2}.`,
  );
}

function environmentOf(
  port: number,
  settings: EnvironmentSettings,
  healingPolicy = JSON.stringify(settings.autoHeal),
): Record<string, string> {
  const { names, profile, answerForm, readUnitsPerSecond, sweepReadUnits } = settings;
  return {
    ...configVariables({
      environment: LOCAL,
      ...names,
      autoHeal: healingPolicy,
      approval: approvalText(settings),
      pipelineProfile: JSON.stringify(profile),
      answerForm,
      readUnitsPerSecond: String(readUnitsPerSecond),
      sweepReadUnits: String(sweepReadUnits),
      eventBus: LOCAL,
    }),
    ...localConnection(port),
    // Lambda runs Node 24; a notice about the older Node on this machine does not belong in a function's log.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
