import type { DeployedProgram } from './deployed-programs.ts';
import { type Need, needsOf } from './needs.ts';
import type { ComparedStack } from './options.ts';
import { callsOfStateMachine, type DeployedStateMachine } from './state-machine.ts';

/** Writes a resource that an account knows by its name as the template writes what it creates. */
export function nameOnly(grant: string): string {
  return grant
    .replace(/arn:.*cdk-hnb659fds-assets[^/]*/, '<assets>')
    .replace(/arn:<AWS::Partition>:s3:::([\w-]+)/, '<$1>')
    .replace(/arn:<AWS::Partition>:dynamodb:[^ ]*:table\/([\w-]+)/, '<$1>')
    .replace(/arn:[^ ]*:execution:/, 'execution:')
    .replace(/^(ecs:|application-autoscaling:)(\w+) on .*/, '$1$2 on gpu service');
}

/** What the role of a program must allow, written as the template writes it. */
export function grantsForCalls(deployed: DeployedProgram, calls: Iterable<string>, stack: ComparedStack): string[] {
  const { program, variables, log } = deployed;
  const service = nameOf(variables['AUTOSWIFTNET_SERVICE_BUCKET']);
  return write(needsOf(program, calls, stack), stack, {
    ...serviceTexts(service),
    table: nameOf(variables['AUTOSWIFTNET_TABLE']),
    results: variables['AUTOSWIFTNET_RESULTS_TOPIC_ARN'] ?? '',
    'heavy queue': variables['AUTOSWIFTNET_HEAVY_QUEUE_URL'] ?? '',
    parked: variables['AUTOSWIFTNET_PARKED_QUEUE_URL'] ?? '',
    'tagging function': variables['AUTOSWIFTNET_TAGGING_FUNCTION'] ?? '',
    'own log': log,
    assets: packageFiles(variables['AUTOSWIFTNET_HEAVY_PACKAGES']),
  });
}

/** What the role of a state machine must allow. */
export function grantsForStateMachine(machine: DeployedStateMachine, stack: ComparedStack): string[] {
  const [service = ''] = /<\w*ServiceBucket>/.exec(machine.definition) ?? [];
  return write(needsOf('state machine', callsOfStateMachine(machine), stack), stack, serviceTexts(service));
}

/** What the resources of a service are called, by the first word of their kind. */
type Texts = Readonly<Record<string, string | readonly string[]>>;

function serviceTexts(service: string): Texts {
  const prefix = /^<(\w*)ServiceBucket>$/.exec(service)?.[1] ?? '';
  return {
    service,
    images: [`<${prefix}ImagesBucket>/*`],
    uploads: `<${prefix}UploadsQueue>`,
    'uploads dead letters': `<${prefix}UploadsDeadLetters>`,
  };
}

function write(needs: readonly Need[], { watched, keys = [] }: ComparedStack, texts: Texts): string[] {
  const grants = needs.flatMap(({ action, kind, onKey }) =>
    resourcesOf(kind, watched === undefined ? texts : { ...texts, images: watched }).flatMap((resource) => {
      const key = keys.find(([pattern]) => pattern.test(resource))?.[1];
      return [`${action} on ${resource}`, ...(key === undefined ? [] : onKey.map((name) => `${name} on ${key}`))];
    }),
  );
  return [...new Set(grants)].sort();
}

/** The resources of a kind: `images/*` are the watched objects of each bucket, `images` the buckets. */
function resourcesOf(kind: string, texts: Texts): readonly string[] {
  const [first = '', ...rest] = kind.split('/');
  const found = texts[first];
  if (found === undefined) return [kind];
  if (typeof found === 'string') return [[found, ...rest].join('/')];
  return rest.length > 0 ? found : found.map((objects) => objects.slice(0, objects.indexOf('/')));
}

/** The files of the heavy packages, which lie in the bucket of the CDK's assets. */
function packageFiles(packages = ''): string[] {
  const files = packages.matchAll(/s3:\/\/cdk-hnb659fds-assets[^/]*(\/[0-9a-f]{64}\.\w+)/g);
  return [...files].map(([, path]) => `<assets>${path}`);
}

function nameOf(value = ''): string {
  return value.startsWith('<') ? value : `<${value}>`;
}
