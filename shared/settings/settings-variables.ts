import type { Layer } from './layers.ts';

/** What each variable sets for an environment; its name follows the environment's: `PROD_ALARM_EMAIL`. */
const VARIABLES: Readonly<Record<string, (text: string) => unknown>> = {
  SETTINGS: readJson,
  TRACKING_TABLE_ARN: (table_arn) => ({ tracking_table: { create: false, table_arn } }),
  TRACKING_STREAM_ARN: (stream_arn) => ({ tracking_table: { create: false, stream_arn } }),
  INPUT_BUCKET: (input) => ({ buckets: { input } }),
  MANIFEST_BUCKET: (manifest) => ({ buckets: { manifest } }),
  OUTPUT_BUCKET: (output) => ({ buckets: { output } }),
  QUARANTINE_BUCKET: (quarantine) => ({ buckets: { quarantine } }),
  DEAD_LETTER_BUCKET: (dead_letters) => ({ buckets: { dead_letters } }),
  ALARM_TOPIC_ARN: (topic_arn) => ({ alarms: { topic_arn } }),
  ALARM_EMAIL: (email) => ({ alarms: { emails: [email] } }),
  AUTO_HEAL: (text) => ({ auto_heal: readJson(text) }),
  ANSWER_FORM: (answer_form) => ({ answer_form }),
};

/** What a process's variables set for an environment, the general one first. */
export function variableLayers(
  environment: string,
  variables: Readonly<Record<string, string | undefined>>,
): Layer[] {
  const prefix = environment.toUpperCase().replaceAll('-', '_');
  return Object.entries(VARIABLES).flatMap(([name, read]) => {
    const source = `${prefix}_${name}`;
    const text = variables[source];
    return text ? [{ source, value: read(text) }] : [];
  });
}

/** What is not JSON stays text, for the schema to refuse. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
