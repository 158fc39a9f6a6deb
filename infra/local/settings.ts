import { configVariables } from '../../shared/aws/config.ts';
import { type DeploymentNames, deploymentNames } from '../../shared/aws/deployment-names.ts';
import {
  LOCAL_PORT,
  LOCAL_PORT_VARIABLE,
  localConnection,
  localPort,
} from '../../shared/aws/local-machine.ts';
import { REPORT_ONLY } from '../../shared/healing/policy.ts';
import { type IndexProfile, readIndexProfile } from '../../shared/settings/index-profile.ts';
import { PROFILE_FILE_TEXT } from '../../shared/settings/profile-file.ts';
import { Refused } from '../../shared/text/refused.ts';

/** Names and addresses of the local system: fixed, so that documented commands work as they stand. */
export interface LocalSettings {
  /** The Lambda API and the page; DynamoDB and S3 have the next two ports. */
  readonly port: number;
  readonly names: DeploymentNames;
  /** How the tracking table's records are found by status. */
  readonly index: IndexProfile;
  /** What a deployment gives its functions, and the SDK's own variables that lead to this machine. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The settings for the port in `STATE_MANAGER_PORT`, or for 4800.
 *
 * @throws Refused when the variable holds no port
 */
export function localSettings(variables: NodeJS.ProcessEnv): LocalSettings {
  const port = readPort(variables[LOCAL_PORT_VARIABLE]);
  const names = deploymentNames('local');
  const index = readIndexProfile(PROFILE_FILE_TEXT);
  return { port, names, index, environment: environmentOf(port, names, variables.AUTO_HEAL) };
}

function readPort(text: string | undefined): number {
  const port = localPort(text);
  if (port !== undefined) return port;
  throw new Refused(
    'UNAVAILABLE',
    `${LOCAL_PORT_VARIABLE}: received "${text}", allowed is a port from 1024 to 65533.`,
    `Leave it out to use ${LOCAL_PORT}, ${LOCAL_PORT + 1} and ${LOCAL_PORT + 2}.`,
  );
}

function environmentOf(
  port: number,
  names: DeploymentNames,
  autoHeal = JSON.stringify(REPORT_ONLY),
): Record<string, string> {
  return {
    ...configVariables({
      environment: 'local',
      ...names,
      autoHeal,
      pipelineProfile: PROFILE_FILE_TEXT,
      answerForm: 'plain',
    }),
    ...localConnection(port),
    // Lambda runs Node 24; a notice about the older Node on this machine does not belong in a function's log.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
