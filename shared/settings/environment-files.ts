import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contradictions, type Problem } from './check-settings.ts';
import { environmentFile } from './environment-schema.ts';
import { type EnvironmentSettings, settingsOf } from './environment-settings.ts';
import { blamed, type Layer, merged, unknownNames } from './layers.ts';
import { variableLayers } from './settings-variables.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** The system on this machine. It exists even without a file. */
export const LOCAL = 'local';

/** Where the files are, if not in the project's root folder. */
const FOLDER_VARIABLE = 'STATE_MANAGER_SETTINGS';

const FILE_NAME = /^settings\.([a-z][a-z0-9-]{0,15})\.json$/;

/** How to add an environment: the hint after an unknown one. */
export const ADD_ENVIRONMENT =
  'To add one, write settings.NAME.json beside the others; NAME has up to 16 lower-case letters, digits and hyphens. docs/recipes.md shows it.';

/** Every environment that has a file, by name, except the one of this machine. */
export function deployedEnvironments(variables: Variables): string[] {
  const names = filesIn(folderOf(variables)).map((file) => FILE_NAME.exec(file)?.[1] ?? LOCAL);
  return names.filter((name) => name !== LOCAL).sort();
}

/** Every environment that a runbook knows. */
export function knownEnvironments(variables: Variables): string[] {
  return [LOCAL, ...deployedEnvironments(variables)];
}

/**
 * The settings of an environment: `settings.ENV.json`, over it `settings.ENV.local.json`, which is not committed, over
 * that the variables of its name, such as `PROD_TRACKING_STREAM_ARN`.
 *
 * @param environment without a file, it has the defaults
 * @throws Error naming each wrong value, where it is and what is allowed; or two environments of which one's name is a
 *   prefix of the other's
 */
export function readEnvironment(environment: string, variables: Variables): EnvironmentSettings {
  const folder = folderOf(variables);
  refuseOldProfile(folder);
  refuseNamesAlike(environment, deployedEnvironments(variables));
  const layers = [
    ...fileLayer(folder, `settings.${environment}.json`),
    ...fileLayer(folder, `settings.${environment}.local.json`),
    ...variableLayers(environment, variables),
  ];
  const value = merged(layers);
  const { data, error } = environmentFile.safeParse(value);
  const problems = data ? contradictions(environment, data) : error.issues.flatMap(unknownNames);
  if (data && problems.length === 0) return settingsOf(environment, data);
  throw new Error(problemsText(environment, layers, value, problems));
}

function problemsText(
  environment: string,
  layers: readonly Layer[],
  value: unknown,
  problems: readonly Problem[],
): string {
  const lines = problems.map(
    (problem) => `- ${blamed(problem, layers, value, `settings.${environment}.json`)}`,
  );
  return [
    `The settings of ${environment} cannot be used:`,
    ...lines,
    'Nothing was done. docs/settings.md lists all settings.',
  ].join('\n');
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    throw new Error(
      `${FOLDER_VARIABLE}: received "${folder}", allowed: a folder with files settings.ENV.json. Nothing was done.`,
    );
  }
}

function folderOf(variables: Variables): string {
  return variables[FOLDER_VARIABLE] || projectFolder(dirname(fileURLToPath(import.meta.url)));
}

/** The project's root folder, from its sources or from a bundle of them, whose files are elsewhere. */
function projectFolder(from: string): string {
  const parent = dirname(from);
  return existsSync(join(from, 'package.json')) || parent === from ? from : projectFolder(parent);
}

function fileLayer(folder: string, source: string): Layer[] {
  const path = join(folder, source);
  if (!existsSync(path)) return [];
  try {
    return [{ source, value: JSON.parse(readFileSync(path, 'utf8')) }];
  } catch (error) {
    throw new Error(
      `${source} cannot be read: ${(error as Error).message}. It must be JSON. Nothing was done.`,
    );
  }
}

/**
 * What belongs to an environment is found by a name prefix: alarms of `dev-2` would be taken for those of `dev`.
 */
function refuseNamesAlike(environment: string, environments: readonly string[]): void {
  if (environment === LOCAL) return;
  const other = environments.find(
    (each) => each.startsWith(`${environment}-`) || environment.startsWith(`${each}-`),
  );
  if (other === undefined) return;
  const [short, long] = [environment, other].sort();
  throw new Error(
    `The environments ${short} and ${long} cannot be told apart: the alarms of ${long} would be taken for those of ${short}. Rename settings.${long}.json, so that its name does not begin with "${short}-". Nothing was done.`,
  );
}

/** It is no longer read, so it would give a wrong idea of the pipeline. */
function refuseOldProfile(folder: string): void {
  if (!existsSync(join(folder, 'pipeline.json'))) return;
  throw new Error(
    'pipeline.json is no longer read. Move what it holds into settings.ENV.json, as "pipeline", and delete it. Nothing was done.',
  );
}
