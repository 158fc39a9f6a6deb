import type { Variables } from './process-environment.ts';

/** The port of the local system for the page and the Lambda API; it also uses the next two. */
export const LOCAL_PORT = 4800;

/** The name of the simulator's manifest builder in the local system's Lambda API. */
export const LOCAL_BUILDER = 'ndjson-parquet-manifest-builder-local';

/** Moves all three ports of the local system. */
export const LOCAL_PORT_VARIABLE = 'STATE_MANAGER_PORT';

/**
 * The port that `STATE_MANAGER_PORT` names, or 4800.
 *
 * @returns undefined when the text is not a port with room for the two above it
 */
export function localPort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return LOCAL_PORT;
  const port = Number(text);
  return Number.isInteger(port) && port >= 1024 && port <= 65_533 ? port : undefined;
}

/** The command that starts the local system which a shell's variables lead to. */
export function startCommand({ [LOCAL_PORT_VARIABLE]: text }: Variables): string {
  const port = localPort(text) ?? LOCAL_PORT;
  return port === LOCAL_PORT ? 'npm start' : `${LOCAL_PORT_VARIABLE}=${port} npm start`;
}

/**
 * The SDK's own variables that lead to the system on this machine. Its DynamoDB keeps a database for each
 * access key and region, so these two are part of the address.
 */
export function localConnection(port: number) {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${port}`,
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port + 1}`,
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port + 2}`,
  } as const;
}
