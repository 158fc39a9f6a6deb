/** The parts of a CloudFormation template that tests use. */
export interface TemplateJson {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: string | readonly string[];
}

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '000000000000',
  'AWS::URLSuffix': 'amazonaws.com',
};

export function tableArn(name: string): string {
  return `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`;
}

export function bucketArn(name: string): string {
  return `arn:aws:s3:::${name}`;
}

export function functionArn(name: string): string {
  return `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
}

export function mappingArn(id: string): string {
  return `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${id}`;
}

export function eventBusArn(name: string): string {
  return `arn:aws:events:us-east-1:000000000000:event-bus/${name}`;
}

/** The value that a template's value has after deployment. @throws Error for a function that is not supported yet */
export function deployedValue(value: unknown, template: TemplateJson): string {
  if (typeof value === 'string') return value;
  const [[kind, argument] = []] = Object.entries(value as object);
  if (kind === 'Ref') return PSEUDO[argument] ?? nameOf(argument, template);
  if (kind === 'Fn::GetAtt') return attributeOf(argument, template);
  if (kind === 'Fn::Join') {
    return argument[1].map((part: unknown) => deployedValue(part, template)).join(argument[0]);
  }
  throw new Error(`No value is known for ${JSON.stringify(value)}.`);
}

/** A document as JSON, with every value as it is after deployment. */
export function deployedText(document: unknown, template: TemplateJson): string {
  return JSON.stringify(document, (_key, value: unknown) => {
    const isFunction =
      typeof value === 'object' && value !== null && /^(Ref$|Fn::)/.test(Object.keys(value)[0] ?? '');
    return isFunction ? deployedValue(value, template) : value;
  });
}

function nameOf(id: string, template: TemplateJson): string {
  const { Type, Properties } = resourceOf(id, template);
  const name = Properties[NAME_PROPERTIES[Type] ?? ''];
  return typeof name === 'string' ? name : id;
}

const NAME_PROPERTIES: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::StepFunctions::StateMachine': 'StateMachineName',
  'AWS::Events::EventBus': 'Name',
};

function attributeOf([id, attribute]: readonly [string, string], template: TemplateJson): string {
  const name = nameOf(id, template);
  if (attribute === 'StreamArn') return `${tableArn(name)}/stream/2026-11-23T05:22:46.000`;
  if (attribute === 'EventSourceMappingArn') return mappingArn(id);
  if (attribute !== 'Arn') return `${id}.${attribute}`;
  return ARNS[resourceOf(id, template).Type]?.(name) ?? `arn:aws:${id}`;
}

const ARNS: Readonly<Record<string, (name: string) => string>> = {
  'AWS::DynamoDB::GlobalTable': tableArn,
  'AWS::S3::Bucket': bucketArn,
  'AWS::Lambda::Function': functionArn,
  'AWS::Events::EventBus': eventBusArn,
  'AWS::Logs::LogGroup': (name) => `arn:aws:logs:us-east-1:000000000000:log-group:${name}:*`,
};

function resourceOf(id: string, { Resources }: TemplateJson): TemplateResource {
  const { [id]: resource } = Resources;
  if (resource) return resource;
  throw new Error(`The template has no ${id}.`);
}
