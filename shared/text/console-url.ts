/** An object of S3. */
interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

// A region's own console, by partition. The domains of other partitions are not known, so they have no link.
// https://docs.aws.amazon.com/general/latest/gr/mgmt-console.html
const DOMAINS: readonly (readonly [regions: RegExp, domain: string])[] = [
  [/^us-gov-[a-z]+-\d$/, 'console.amazonaws-us-gov.com'],
  [/^cn-[a-z]+-\d$/, 'console.amazonaws.cn'],
  [/^eusc-[a-z]+-[a-z]+-\d$/, 'console.amazonaws-eusc.eu'],
  [/^(?:af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d$/, 'console.aws.amazon.com'],
];

/**
 * Where the console shows an object of S3, or what is under a prefix when the key ends with a slash.
 *
 * The console documents none of its addresses; these are what it shows in the browser's address bar.
 *
 * @returns undefined where no console is known
 */
export function objectUrl(region: string, { bucket, key }: ObjectPlace): string | undefined {
  const kind = key.endsWith('/') ? 'buckets' : 'object';
  return inConsole(
    region,
    `s3/${kind}/${encodeURIComponent(bucket)}?region=${region}&prefix=${encodeURIComponent(key)}`,
  );
}

/** Where the console shows an execution of a state machine; undefined for anything that is not the ARN of one. */
export function executionUrl(arn: string): string | undefined {
  const region = /^arn:[\w-]+:states:([\w-]+):\d{12}:execution:[^\s"'<>]+$/.exec(arn)?.[1];
  return (
    region &&
    inConsole(region, `states/home?region=${region}#/v2/executions/details/${encodeURIComponent(arn)}`)
  );
}

/** Where the console shows a log group, or one of its streams. */
export function logsUrl(region: string, group: string, stream?: string): string | undefined {
  const parts = ['logsV2:log-groups/log-group', logWord(group)];
  const path = [...parts, ...(stream === undefined ? [] : ['log-events', logWord(stream)])].join('/');
  return inConsole(region, `cloudwatch/home?region=${region}#${path}`);
}

function inConsole(region: string, path: string): string | undefined {
  const domain = DOMAINS.find(([regions]) => regions.test(region))?.[1];
  return domain && `https://${region}.${domain}/${path}`;
}

/** Encoded twice, with `$` for `%`: `/aws/lambda` is `$252Faws$252Flambda`. */
function logWord(word: string): string {
  return encodeURIComponent(encodeURIComponent(word)).replaceAll('%', '$');
}
