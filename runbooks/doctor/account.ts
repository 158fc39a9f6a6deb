import type { Identity } from '../../shared/aws/identity.ts';
import type { Asked } from './asked.ts';
import { check, type Judgement } from './check.ts';
import { insteadOf } from './reading.ts';

/** Whose credentials these are, and whether they belong to the account and region of the settings. */
export const credentials = check({
  name: 'credentials',
  place: 'aws',
  permission: 'sts:GetCallerIdentity',
  read: (reading) => reading.identity(),
  judge: judgePlace,
});

export function judgePlace(
  { account, arn }: Identity,
  { settings, region, file, environment }: Asked,
): Judgement {
  const found = `account ${account}, region ${region}, as ${arn}`;
  if (settings.account && settings.account !== account)
    return {
      level: 'problem',
      found: `${found}, but ${environment} is in account ${settings.account}`,
      remedy: { say: `Use credentials of account ${settings.account}, for example with --profile NAME.` },
    };
  if (settings.region && settings.region !== region)
    return {
      level: 'problem',
      found: `${found}, but ${environment} is in region ${settings.region}`,
      remedy: { say: `Leave out --region and AWS_REGION, or set "region" in ${file}.` },
    };
  if (settings.account && settings.region) return { level: 'ok', found };
  return {
    level: 'warning',
    found: `${found}; the settings do not name both account and region`,
    remedy: {
      say: `If this is the right place, put "account": "${account}", "region": "${region}" into ${file}.`,
    },
  };
}

/**
 * The bootstrap version that this project's templates need, as in the CDK's DefaultStackSynthesizer.
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */
export const LEAST_BOOTSTRAP = 6;
const BOOTSTRAP = '/cdk-bootstrap/hnb659fds/version';

/** Whether the CDK can deploy here. */
export const bootstrap = check({
  name: 'CDK bootstrap',
  place: 'aws',
  permission: 'ssm:GetParameter',
  async read(reading) {
    const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
    const { Parameter } = await new SSMClient(reading.client('SSM'))
      .send(new GetParameterCommand({ Name: BOOTSTRAP }))
      .catch((error: unknown) => insteadOf(error, /^ParameterNotFound/, { Parameter: undefined }));
    return { version: Parameter?.Value, account: (await reading.identity()).account };
  },
  judge: judgeBootstrap,
});

function judgeBootstrap(
  { version, account }: { readonly version: string | undefined; readonly account: string },
  { region, cdk }: Asked,
): Judgement {
  if (Number(version) >= LEAST_BOOTSTRAP) return { level: 'ok', found: `version ${version}` };
  return {
    level: 'problem',
    found:
      version === undefined
        ? `account ${account} is not bootstrapped in ${region}`
        : `version ${version}, needed: ${LEAST_BOOTSTRAP}`,
    remedy: {
      say: 'Bootstrap it with credentials that may create roles.',
      run: cdk('bootstrap', `aws://${account}/${region}`),
    },
  };
}
