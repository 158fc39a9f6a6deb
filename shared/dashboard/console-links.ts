import { type FunctionName, logGroupName, partName } from '../aws/deployment-names.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { parsePath } from '../pipeline/names.ts';
import { executionUrl, logsUrl, objectUrl } from '../text/console-url.ts';
import { shortened } from '../text/visible-text.ts';
import type { ViewContext } from './view.ts';

type Place = Pick<ViewContext, 'deployed'>;

const LONGEST = 1_100;

/** The stored path of an object or a folder; on AWS, a link that shows it in the console. */
export function objectLink(path: unknown, { deployed }: Place): Content {
  if (typeof path !== 'string' || path === '') return undefined;
  // A bare key does not say in which bucket it is.
  const location = path.includes('://') ? parsePath(path, '') : undefined;
  return linkTo(path, location && deployed && objectUrl(deployed.region, location));
}

/** A link to an execution by its ARN, which includes its region. */
export function executionLink(arn: unknown, { deployed }: Place): Content {
  if (typeof arn !== 'string' || arn === '') return undefined;
  return linkTo(arn, deployed && executionUrl(arn));
}

// Glue's log group for errors, in which each run of a job has a stream.
// https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
const JOB_ERRORS = '/aws-glue/jobs/error';

/** A link to a job run by its id, which is also the name of the log stream with its errors. */
export function jobLink(runId: unknown, { deployed }: Place): Content {
  if (typeof runId !== 'string' || runId === '') return undefined;
  return linkTo(runId, deployed && logsUrl(deployed.region, JOB_ERRORS, runId));
}

/** The log of one of our functions; undefined where it is not deployed. */
export function logLink(
  handler: Exclude<FunctionName, 'operations'>,
  { deployed, environment }: Pick<ViewContext, 'deployed' | 'environment'>,
): Content {
  if (!deployed) return undefined;
  const names = { functionPrefix: deployed.functionPrefix };
  const url = logsUrl(deployed.region, logGroupName(partName(handler, { environment, names })));
  return url && linkTo(handler, url);
}

function linkTo(text: string, url: string | undefined): Html {
  const label = html`<span class="sm-name">${shortened(text, LONGEST)}</span>`;
  return url === undefined
    ? label
    : html`<a class="sm-link" href="${url}" target="_blank" rel="noopener noreferrer" title="Open in the AWS console">${label}</a>`;
}
