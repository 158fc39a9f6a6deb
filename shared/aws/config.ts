/** The environment variable behind each setting; names are the same on AWS and on one machine. */
const VARIABLES = {
  environment: 'ENVIRONMENT',
  trackingTable: 'TRACKING_TABLE',
  projectionTable: 'PROJECTION_TABLE',
  inputBucket: 'INPUT_BUCKET',
  manifestBucket: 'MANIFEST_BUCKET',
  outputBucket: 'OUTPUT_BUCKET',
  quarantineBucket: 'QUARANTINE_BUCKET',
  deadLetterBucket: 'DEAD_LETTER_BUCKET',
  autoHeal: 'AUTO_HEAL',
  approval: 'APPROVAL',
  pipelineProfile: 'PIPELINE_PROFILE',
  answerForm: 'ANSWER_FORM',
  readUnitsPerSecond: 'READ_UNITS_PER_SECOND',
  sweepReadUnits: 'SWEEP_READ_UNITS',
  streamMapping: 'STREAM_MAPPING',
  eventBus: 'EVENT_BUS',
  changeMachine: 'CHANGE_MACHINE',
} as const;

export type Setting = keyof typeof VARIABLES;

/**
 * Reads exactly the settings a handler needs, so that a function is not deployed with more than it uses.
 * This is the only place that reads a handler's settings; endpoints and region are the SDK's own variables.
 *
 * @throws Error naming every variable that is missing
 */
export function readConfig<S extends Setting>(
  needed: readonly S[],
  environment: NodeJS.ProcessEnv = process.env,
): Record<S, string> {
  const missing = needed.filter((setting) => !environment[VARIABLES[setting]]);
  if (missing.length > 0) {
    const names = missing.map((setting) => VARIABLES[setting]).join(', ');
    throw new Error(`Configuration is incomplete: set the environment variable(s) ${names}.`);
  }
  return Object.fromEntries(needed.map((setting) => [setting, environment[VARIABLES[setting]]])) as Record<
    S,
    string
  >;
}

/** An optional setting of a handler; undefined when it is not set. */
export function readOptional(
  setting: Setting,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  return environment[VARIABLES[setting]] || undefined;
}

/** The variables that give a process these settings; the reverse of `readConfig`. */
export function configVariables(settings: Partial<Record<Setting, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(VARIABLES).flatMap(([setting, variable]) => {
      const value = settings[setting as Setting];
      return value === undefined ? [] : [[variable, value]];
    }),
  );
}
