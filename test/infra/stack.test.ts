import { METRICS_NAMESPACE, SERVICE } from '../../functions/metric-names.ts';
import { createTableInput } from '../../functions/records/table-schema.ts';
import { MAX_RECEIVE_COUNT } from '../../functions/tag-upload/queue.ts';
import { tagUploadEnvironmentSchema } from '../../functions/tag-upload/settings.ts';
import { configurationSchema } from '../../infra/configuration/configuration.ts';
import { alarmRules } from '../../infra/monitoring/alarm-rules.ts';
import { onlyResource, resourcesOf, type Template, useAssemblies } from './assemblies.ts';
import { CONTEXTS, type ContextName } from './configurations.ts';

/** Days that SQS keeps a message unless it is told otherwise. */
const SQS_DEFAULT_DAYS = 4;

const assembly = useAssemblies();

function template(name: ContextName = 'default') {
  return assembly(name).template;
}

test.each(Object.keys(CONTEXTS) as ContextName[])(
  'the rule packs and the CloudFormation schemas find no fault in the configuration %s',
  (name) => {
    expect(assembly(name).findings).toEqual([]);
  },
);

test.each(Object.keys(CONTEXTS) as ContextName[])(
  'two syntheses give the same bytes, in the configuration %s',
  (name) => {
    const { files, filesAgain } = assembly(name);

    expect(filesAgain).toEqual(files);
  },
);

describe('the image bucket', () => {
  test('is private, encrypted, TLS only, versioned, and cleans up after itself', () => {
    expect(onlyResource(template(), 'AWS::S3::Bucket', 'Images')).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: [
          {
            NoncurrentVersionExpiration: { NoncurrentDays: 30 },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          },
        ],
      },
    });
    expect(JSON.stringify(onlyResource(template(), 'AWS::S3::BucketPolicy', 'Images'))).toContain(
      'aws:SecureTransport',
    );
  });

  test('sends creations, removals and expirations to the queue, after the queue policy allows it', () => {
    const [bucket] = resourcesOf(template(), 'AWS::S3::Bucket', 'Images');

    expect(bucket?.Properties).toMatchObject({
      NotificationConfiguration: {
        QueueConfigurations: [
          { Event: 's3:ObjectCreated:*' },
          { Event: 's3:ObjectRemoved:*' },
          { Event: 's3:LifecycleExpiration:*' },
        ],
      },
    });
    expect(bucket?.DependsOn).toEqual([expect.stringMatching(/^UploadsQueuePolicy/)]);
    expect(onlyResource(template(), 'AWS::SQS::QueuePolicy', 'Uploads/Queue')).toMatchObject({
      PolicyDocument: {
        Statement: expect.arrayContaining([
          expect.objectContaining({
            Action: 'sqs:SendMessage',
            Principal: { Service: 's3.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
  });

  test('has CORS only for configured origins', () => {
    const chosen = resourcesOf(template('chosen'), 'AWS::S3::Bucket', 'Images')[0];

    expect(chosen?.Properties).toMatchObject({
      CorsConfiguration: {
        CorsRules: [{ AllowedOrigins: ['https://photos.example'], AllowedMethods: ['POST', 'PUT'] }],
      },
      LifecycleConfiguration: { Rules: [{ NoncurrentVersionExpiration: { NoncurrentDays: 3 } }] },
    });
    expect(onlyResource(template(), 'AWS::S3::Bucket', 'Images')).not.toHaveProperty('CorsConfiguration');
  });

  test('can be an existing bucket, of which only the notifications change', () => {
    expect(resourcesOf(template('existingBucket'), 'AWS::S3::Bucket', 'Images')).toEqual([]);
    expect(onlyResource(template('existingBucket'), 'Custom::S3BucketNotifications')).toMatchObject({
      BucketName: 'their-photos',
      Managed: false,
    });
    expect(resourcesOf(template(), 'Custom::S3BucketNotifications')).toEqual([]);
  });
});

test('nothing watches the service bucket; the files of jobs expire after a day, thumbnails and results of backfills after 90', () => {
  const bucket = onlyResource(template(), 'AWS::S3::Bucket', 'Service');

  expect(bucket).not.toHaveProperty('NotificationConfiguration');
  expect(bucket).toMatchObject({
    LifecycleConfiguration: {
      Rules: [
        { Prefix: 'jobs/', ExpirationInDays: 1, Status: 'Enabled' },
        { Prefix: 'thumbnails/', ExpirationInDays: 90, Status: 'Enabled' },
        { Prefix: 'backfill/', ExpirationInDays: 90, Status: 'Enabled' },
      ],
    },
    PublicAccessBlockConfiguration: { RestrictPublicBuckets: true },
  });
});

test('the table has the schema of the functions, on-demand billing and point-in-time recovery', () => {
  const { TableName: _, ...declared } = createTableInput('any');
  const table = onlyResource(template(), 'AWS::DynamoDB::Table');

  expect({ ...table, AttributeDefinitions: sorted(table['AttributeDefinitions']) }).toMatchObject({
    ...declared,
    AttributeDefinitions: sorted(declared.AttributeDefinitions),
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
});

test('what fails alone as well is parked in the dead-letter queue of the dead letters, from where SQS can move it back', () => {
  const { Resources } = template();
  const { deadLetterTargetArn, maxReceiveCount } = onlyResource(template(), 'AWS::SQS::Queue', 'Uploads/DeadLetters')[
    'RedrivePolicy'
  ] as { deadLetterTargetArn: { 'Fn::GetAtt': [string] }; maxReceiveCount: number };

  expect(Resources[deadLetterTargetArn['Fn::GetAtt'][0]]?.Metadata?.['aws:cdk:path']).toContain('/UploadsParked/');
  // Five receives, whether or not those in the uploads queue count as well.
  expect(maxReceiveCount).toBe(MAX_RECEIVE_COUNT + 5);
  expect(onlyResource(template(), 'AWS::SQS::Queue', 'UploadsParked')).toMatchObject({
    MessageRetentionPeriod: 14 * 86_400,
  });
});

test('the outputs have the URL of each queue', () => {
  const urls = (name: ContextName) =>
    Object.entries(template(name).Outputs).flatMap(([key, { Value }]) =>
      /(Queue|DeadLetters|Parked)Url$/.test(key)
        ? [[key, (Value as { Ref: string }).Ref.replace(/[0-9A-F]{8}$/, '')]]
        : [],
    );

  expect(urls('default')).toEqual([
    ['UploadsQueueUrl', 'UploadsQueue'],
    ['UploadsDeadLettersUrl', 'UploadsDeadLetters'],
    ['UploadsParkedUrl', 'UploadsParked'],
    ['HeavyQueueUrl', 'HeavyQueue'],
    ['HeavyDeadLettersUrl', 'HeavyQueueDeadLetters'],
  ]);
  expect(urls('withoutGpu')).toHaveLength(3);
});

test('the uploads queue uses its dead-letter queue', () => {
  const [uploads] = resourcesOf(template(), 'AWS::SQS::Queue', 'Uploads/Queue');

  expect(uploads?.Properties).toMatchObject({
    RedrivePolicy: { maxReceiveCount: MAX_RECEIVE_COUNT },
    SqsManagedSseEnabled: true,
  });
  expect(onlyResource(template(), 'AWS::SQS::Queue', 'Uploads/DeadLetters')).toMatchObject({
    MessageRetentionPeriod: 14 * 86_400,
  });
});

test.each(Object.keys(CONTEXTS) as ContextName[])(
  "access logs go where API Gateway's permission to write holds for all, in the configuration %s",
  (name) => {
    expect(onlyResource(template(name), 'AWS::Logs::LogGroup', 'Api/AccessLog')).toMatchObject({
      LogGroupName: expect.stringMatching(/^\/aws\/vendedlogs\/[\w/-]+$/),
    });
  },
);

test('the stack and the table refuse to be deleted only if configured', () => {
  const protectionOf = (name: ContextName) => [
    assembly(name).terminationProtection,
    onlyResource(template(name), 'AWS::DynamoDB::Table')['DeletionProtectionEnabled'] ?? false,
  ];

  expect(protectionOf('chosen')).toEqual([true, true]);
  expect(protectionOf('default')).toEqual([false, false]);
});

test('dead letters outlive the queue they come from, because a message keeps its age there', () => {
  const { Resources } = template();
  const daysOf = (properties: Record<string, unknown> | undefined) =>
    Number(properties?.['MessageRetentionPeriod'] ?? SQS_DEFAULT_DAYS * 86_400) / 86_400;
  const queues = Object.values(Resources).filter(
    ({ Type, Properties }) => Type === 'AWS::SQS::Queue' && Properties['RedrivePolicy'],
  );

  const days = queues.map(({ Properties }) => {
    const { deadLetterTargetArn } = Properties['RedrivePolicy'] as { deadLetterTargetArn: { 'Fn::GetAtt': [string] } };
    return [daysOf(Properties), daysOf(Resources[deadLetterTargetArn['Fn::GetAtt'][0]]?.Properties)];
  });

  // No queue keeps a message longer than 14 days. What the function parks is a new message.
  expect(days.sort()).toEqual([
    [14, 14],
    [4, 14],
    [7, 14],
  ]);
});

describe('the tagging function', () => {
  test('runs Node 24 on arm64 with a full vCPU and tracing, and keeps its logs for 30 days', () => {
    expect(onlyResource(template(), 'AWS::Lambda::Function', 'Tagging')).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 1769,
      TracingConfig: { Mode: 'Active' },
      Layers: [{ Ref: expect.stringMatching(/^LayersModel/) }, { Ref: expect.stringMatching(/^LayersRuntime/) }],
    });
    expect(onlyResource(template(), 'AWS::Logs::LogGroup', 'Tagging')).toMatchObject({ RetentionInDays: 30 });
  });

  test('runs as configured', () => {
    expect(onlyResource(template('chosen'), 'AWS::Lambda::Function', 'Tagging')).toMatchObject({
      Architectures: ['x86_64'],
      MemorySize: 3008,
    });
    expect(onlyResource(template('chosen'), 'AWS::Logs::LogGroup', 'Tagging')).toMatchObject({ RetentionInDays: 7 });
    expect(onlyResource(template('chosen'), 'AWS::Lambda::EventSourceMapping', 'Tagging')).toMatchObject({
      ScalingConfig: { MaximumConcurrency: 7 },
    });
  });

  test('takes batches whose messages can fail one by one, with limited concurrency', () => {
    expect(onlyResource(template(), 'AWS::Lambda::EventSourceMapping', 'Tagging')).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 4 },
    });
  });

  test.each([
    ['default', 10, 0, 120],
    ['chosen', 20, 3, 240],
  ] as const)(
    'its batches in the %s stack set its timeout, and the queue and the alarm follow',
    (name, size, window, timeout) => {
      expect(onlyResource(template(name), 'AWS::Lambda::EventSourceMapping', 'Tagging')).toMatchObject({
        BatchSize: size,
        MaximumBatchingWindowInSeconds: window,
      });
      expect(onlyResource(template(name), 'AWS::Lambda::Function', 'Tagging')).toMatchObject({ Timeout: timeout });
      expect(resourcesOf(template(name), 'AWS::SQS::Queue', 'Uploads/Queue')[0]?.Properties).toMatchObject({
        VisibilityTimeout: 6 * timeout + window,
      });
      expect(onlyResource(template(name), 'AWS::CloudWatch::Alarm', 'Monitoring/TaggingSlow')).toMatchObject({
        Threshold: (timeout / 2) * 1000,
        AlarmDescription: expect.stringContaining(`more than ${timeout / 2} s. Lambda ends a call after ${timeout} s.`),
      });
    },
  );

  test('gets the model, the heavy queue and its limits in the variables that it reads', () => {
    const variables = variablesOfFunction(template(), 'Tagging');

    expect(Object.keys(variables).filter((name) => !(name in tagUploadEnvironmentSchema.shape))).toEqual([]);
    expect(variables).toMatchObject({
      AUTOSWIFTNET_MODEL: 'sample',
      AUTOSWIFTNET_HEAVY_MODEL: 'sample',
      AUTOSWIFTNET_HEAVY_QUEUE_URL: { Ref: expect.stringMatching(/^HeavyQueue/) },
      AUTOSWIFTNET_MODEL_RULES: '{}',
      AUTOSWIFTNET_TABLE: { Ref: expect.stringMatching(/^RecordsTable/) },
      AUTOSWIFTNET_TAG_LABELS: '1',
    });
    expect(variablesOfFunction(template('chosen'), 'Tagging')).toMatchObject({
      AUTOSWIFTNET_MODEL_RULES: '{"scans/":"auto"}',
      AUTOSWIFTNET_TAG_LABELS: '0',
    });
    expect(variablesOfFunction(template('withoutGpu'), 'Tagging')).not.toHaveProperty('AUTOSWIFTNET_HEAVY_QUEUE_URL');
  });
});

describe('the API', () => {
  test('requires IAM on every route except those that say how to log in', () => {
    const routes = resourcesOf(template(), 'AWS::ApiGatewayV2::Route').map(({ Properties }) => [
      Properties['RouteKey'],
      Properties['AuthorizationType'],
    ]);

    expect(Object.fromEntries(routes)).toEqual({
      $default: 'AWS_IAM',
      'GET /health': 'NONE',
      'HEAD /health': 'NONE',
      'GET /openapi.yaml': 'NONE',
      'HEAD /openapi.yaml': 'NONE',
    });
  });

  test('lets preflights through without a login, and tells the function the origins, only if there are any', () => {
    const routeOf = (context?: ContextName) =>
      resourcesOf(template(context), 'AWS::ApiGatewayV2::Route').find(
        ({ Properties }) => Properties['RouteKey'] === 'OPTIONS /{proxy+}',
      );

    expect(routeOf('chosen')?.Properties['AuthorizationType']).toBe('NONE');
    expect(variablesOfFunction(template('chosen'), 'Api/Function')).toMatchObject({
      AUTOSWIFTNET_CORS_ORIGINS: 'https://photos.example',
    });
    expect(routeOf()).toBeUndefined();
    expect(variablesOfFunction(template(), 'Api/Function')).not.toHaveProperty('AUTOSWIFTNET_CORS_ORIGINS');
    expect(variablesOfFunction(template('chosen'), 'Tagging')).not.toHaveProperty('AUTOSWIFTNET_CORS_ORIGINS');
  });

  test('accepts the tokens of an issuer instead, and tells clients how to get them', () => {
    const [route] = resourcesOf(template('chosen'), 'AWS::ApiGatewayV2::Route', 'Api/Http/DefaultRoute');

    expect(route?.Properties).toMatchObject({ RouteKey: '$default', AuthorizationType: 'JWT' });
    expect(onlyResource(template('chosen'), 'AWS::ApiGatewayV2::Authorizer')).toMatchObject({
      JwtConfiguration: { Issuer: 'https://id.example', Audience: ['photos'] },
    });
    expect(variablesOfFunction(template('chosen'), 'Api/Function')).toMatchObject({
      AUTOSWIFTNET_OIDC_ISSUER: 'https://id.example',
      AUTOSWIFTNET_OIDC_CLIENT_ID: 'page',
      AUTOSWIFTNET_OIDC_AUDIENCE: 'photos',
    });
    expect(resourcesOf(template(), 'AWS::ApiGatewayV2::Authorizer')).toEqual([]);
    expect(variablesOfFunction(template(), 'Api/Function')).not.toHaveProperty('AUTOSWIFTNET_OIDC_ISSUER');
  });

  test('the access log has neither queries nor logins', () => {
    const { AccessLogSettings } = onlyResource(template(), 'AWS::ApiGatewayV2::Stage');
    const { Format } = AccessLogSettings as { Format: string };

    expect(Object.values(JSON.parse(Format))).toContain('$context.path');
    expect(Format).not.toMatch(/query|authorizer|header|claims|cookie|routeKey|requestOverride/i);
  });

  test('throttles and keeps an access log', () => {
    expect(onlyResource(template(), 'AWS::ApiGatewayV2::Stage')).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
      AccessLogSettings: { Format: expect.stringContaining('$context.integrationErrorMessage') },
    });
    expect(onlyResource(template('chosen'), 'AWS::ApiGatewayV2::Stage')).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 7, ThrottlingBurstLimit: 9 },
    });
    expect(onlyResource(template('chosen'), 'AWS::Logs::LogGroup', 'Api/AccessLog')).toMatchObject({
      LogGroupName: '/aws/vendedlogs/apigateway/AutoSwiftNet',
      RetentionInDays: 7,
    });
  });

  test('can have its own domain, and then no other address', () => {
    expect(onlyResource(template('chosen'), 'AWS::ApiGatewayV2::DomainName')).toMatchObject({
      DomainName: 'api.photos.example',
    });
    expect(onlyResource(template('chosen'), 'AWS::ApiGatewayV2::Api')).toMatchObject({
      DisableExecuteApiEndpoint: true,
    });
    expect(resourcesOf(template(), 'AWS::ApiGatewayV2::DomainName')).toEqual([]);
  });

  test('says where DNS must point its domain, and makes the record in a hosted zone', () => {
    const { DomainTarget } = template('chosen').Outputs;
    const record = onlyResource(template('chosen'), 'AWS::Route53::RecordSet');

    expect(DomainTarget?.Value).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^ApiDomain/), 'RegionalDomainName'],
    });
    expect(record).toMatchObject({
      Name: 'api.photos.example',
      Type: 'A',
      HostedZoneId: 'Z0123456789ABC',
      AliasTarget: { DNSName: DomainTarget?.Value },
    });
    expect(template().Outputs).not.toHaveProperty('DomainTarget');
    expect(resourcesOf(template(), 'AWS::Route53::RecordSet')).toEqual([]);
  });

  test('reserves concurrency only if configured', () => {
    const reserved = 'ReservedConcurrentExecutions';

    expect(onlyResource(template(), 'AWS::Lambda::Function', 'Api/Function')).not.toHaveProperty(reserved);
    expect(onlyResource(template('chosen'), 'AWS::Lambda::Function', 'Api/Function')).toMatchObject({ [reserved]: 5 });
  });
});

/** A text of the template, as it reads in eu-west-1. */
function readText(text: unknown): string {
  if (typeof text === 'string') return text;
  const { 'Fn::Join': join } = text as {
    readonly 'Fn::Join': readonly [string, readonly (string | { Ref: string })[]];
  };
  return join[1]
    .map((part) => (typeof part === 'string' ? part : { 'AWS::Region': 'eu-west-1' }[part.Ref]))
    .join(join[0]);
}

test('alarms say what they mean and what to do', () => {
  const alarms = resourcesOf(template(), 'AWS::CloudWatch::Alarm', 'Monitoring').map(({ Properties }) => Properties);

  const descriptions = alarms.map(({ AlarmDescription }) => readText(AlarmDescription)).sort();
  expect(descriptions).toEqual(
    Object.entries(alarmRules(configurationSchema.parse({}), 'eu-west-1')).map(
      ([name, { meaning, whatToDo }]) => `${name}: ${meaning} ${whatToDo}`,
    ),
  );
  expect(alarms.every(({ AlarmActions }) => Array.isArray(AlarmActions) && AlarmActions.length === 1)).toBe(true);
  expect(resourcesOf(template('withoutGpu'), 'AWS::CloudWatch::Alarm', 'Monitoring')).toHaveLength(10);
});

test('the command that shows dead letters asks the stack in its region', () => {
  const { AlarmDescription } = onlyResource(template(), 'AWS::CloudWatch::Alarm', 'Monitoring/HeavyDead/');

  expect(readText(AlarmDescription)).toContain('dead-letters list --stack AutoSwiftNet --region eu-west-1 shows why.');
});

test('a limit of GPU hours that fails twice in a row raises an alarm', () => {
  const alarm = onlyResource(template(), 'AWS::CloudWatch::Alarm', 'Monitoring/GpuLimitFails/');

  expect(alarm).toMatchObject({
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: expect.arrayContaining([
      { Name: 'FunctionName', Value: { Ref: expect.stringMatching(/^HeavyLimitLimitGpuHours/) } },
    ]),
    Statistic: 'Sum',
    Period: 300,
    Threshold: 0,
    EvaluationPeriods: 2,
  });
});

test('requests that wait because the GPU hours are used up say so', () => {
  for (const name of ['HeavyOld', 'HeavyStuck']) {
    const { AlarmDescription } = onlyResource(template(), 'AWS::CloudWatch::Alarm', `Monitoring/${name}/`);
    expect(AlarmDescription).toMatch(/If GpuHoursUsedUp is raised, that is why\.$/);
  }
});

test('the alarm of an idle GPU waits half an hour, and the alarms of old messages wait as long as their texts say', () => {
  const thresholdOf = (name: string) =>
    resourcesOf(template(), 'AWS::CloudWatch::Alarm', `Monitoring/${name}/`).map(({ Properties }) => [
      Properties.Threshold,
      Properties.EvaluationPeriods,
    ]);

  expect(thresholdOf('GpuIdle')).toEqual([[0, 6]]);
  expect(thresholdOf('UploadsOld')).toEqual([[900, 2]]);
  expect(thresholdOf('HeavyOld')).toEqual([[3600, 2]]);
});

test('alarms on queues that nothing reads keep their state while SQS reports nothing', () => {
  const alarms = resourcesOf(template(), 'AWS::CloudWatch::Alarm', 'Monitoring').map(({ Properties }) => Properties);
  const keeping = alarms.filter(({ TreatMissingData }) => TreatMissingData === 'ignore');

  expect(keeping.map(({ AlarmDescription }) => readText(AlarmDescription).split(':')[0]).sort()).toEqual([
    'HeavyDead',
    'UploadsParked',
  ]);
});

test('one parked message raises an alarm at once, and a dead letter only if it stays for half an hour', () => {
  const alarmOf = (name: string) => onlyResource(template(), 'AWS::CloudWatch::Alarm', `Monitoring/${name}/`);
  const [parked, dead] = [alarmOf('UploadsParked'), alarmOf('UploadsDead')];
  const sourcesOf = (alarm: Record<string, unknown>) =>
    (alarm['Metrics'] as { Expression?: string; MetricStat?: { Metric: { MetricName: string } } }[]).map(
      ({ Expression, MetricStat }) => Expression ?? MetricStat?.Metric.MetricName,
    );

  expect(parked).toMatchObject({ Threshold: 0, EvaluationPeriods: 1 });
  expect(sourcesOf(parked)).toEqual([
    'MAX([age, messages])',
    'ApproximateAgeOfOldestMessage',
    'ApproximateNumberOfMessagesVisible',
  ]);
  expect(dead).toMatchObject({ Threshold: 0, EvaluationPeriods: 6 });
  expect(sourcesOf(dead)).toContain('ApproximateNumberOfMessagesNotVisible');
});

test('the dead letters are read one at a time, by two calls at most, and the queue waits for them', () => {
  const timeout = 120 + 30;

  expect(onlyResource(template(), 'AWS::Lambda::EventSourceMapping', 'DeadLetters')).toMatchObject({
    BatchSize: 1,
    EventSourceArn: { 'Fn::GetAtt': [expect.stringMatching(/^UploadsDeadLetters/), 'Arn'] },
    ScalingConfig: { MaximumConcurrency: 2 },
  });
  expect(onlyResource(template(), 'AWS::Lambda::Function', 'DeadLetters')).toMatchObject({ Timeout: timeout });
  expect(onlyResource(template(), 'AWS::SQS::Queue', 'Uploads/DeadLetters')).toMatchObject({
    VisibilityTimeout: 6 * timeout,
  });
  expect(variablesOfFunction(template(), 'DeadLetters')).toMatchObject({
    AUTOSWIFTNET_TAGGING_FUNCTION: { Ref: expect.stringMatching(/^TaggingTagUploadAlias/) },
    AUTOSWIFTNET_PARKED_QUEUE_URL: { Ref: expect.stringMatching(/^UploadsParked/) },
  });
});

test('models that compute wrongly or on the wrong device raise an alarm at once, in this stack alone', () => {
  const nameOf = (alarm: string, of = template()) =>
    resourcesOf(of, 'AWS::CloudWatch::Alarm', `Monitoring/${alarm}/`).map(({ Properties }) => Properties);

  for (const name of ['ModelFallback', 'SelfTestFailed', 'OpenedOnCpu', 'ModelNotOpened', 'GpuHoursUsedUp']) {
    expect(nameOf(name)).toEqual([
      expect.objectContaining({
        Namespace: METRICS_NAMESPACE,
        MetricName: name,
        Dimensions: [
          { Name: 'service', Value: SERVICE },
          { Name: 'stack', Value: 'AutoSwiftNet' },
        ],
        Statistic: 'Sum',
        Threshold: 0,
        EvaluationPeriods: 1,
        TreatMissingData: 'notBreaching',
      }),
    ]);
  }
  expect(nameOf('ModelFallback', template('withoutGpu'))).toHaveLength(1);
  expect(nameOf('OpenedOnCpu', template('withoutGpu'))).toEqual([]);
});

test('requests that wait while none is completed raise an alarm after half an hour, and an empty queue or one without metrics does not', () => {
  const { Metrics, EvaluationPeriods, TreatMissingData, Threshold } = onlyResource(
    template(),
    'AWS::CloudWatch::Alarm',
    'Monitoring/HeavyStuck/',
  );
  const metrics = Metrics as { Id: string; Expression?: string; MetricStat?: { Metric: { MetricName: string } } }[];
  const expressions = metrics.flatMap(({ Expression }) => Expression ?? []);

  expect([EvaluationPeriods, Threshold, TreatMissingData]).toEqual([6, 0, 'notBreaching']);
  expect(expressions).toEqual(['IF(FILL(completed, 0) < 1, messages, 0)', 'FILL(waiting, 0) + FILL(running, 0)']);
  expect(metrics.flatMap(({ MetricStat }) => MetricStat?.Metric.MetricName ?? []).sort()).toEqual([
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesVisible',
    'NumberOfMessagesDeleted',
  ]);
});

test('a budget warns at 80% and 100%, of all costs or of those of a tag; the machines have the tags of the stack', () => {
  const budgetOf = (name: ContextName) => onlyResource(template(name), 'AWS::Budgets::Budget');
  const budget = { BudgetType: 'COST', TimeUnit: 'MONTHLY' };

  expect(resourcesOf(template(), 'AWS::Budgets::Budget')).toEqual([]);
  expect(budgetOf('page')['Budget']).toEqual({ ...budget, BudgetLimit: { Amount: 20, Unit: 'USD' } });
  expect(budgetOf('chosen')['Budget']).toEqual({
    ...budget,
    BudgetLimit: { Amount: 50, Unit: 'USD' },
    FilterExpression: { Tags: { Key: 'project', Values: ['photos'] } },
    Metrics: ['UnblendedCost'],
  });
  const notifications = budgetOf('page')['NotificationsWithSubscribers'] as { Notification: object }[];
  expect(notifications.map(({ Notification }) => Object.values(Notification))).toEqual([
    ['GREATER_THAN', 'ACTUAL', 80, 'PERCENTAGE'],
    ['GREATER_THAN', 'ACTUAL', 100, 'PERCENTAGE'],
    ['GREATER_THAN', 'FORECASTED', 100, 'PERCENTAGE'],
  ]);
  const propagation = (name: ContextName) =>
    (onlyResource(template(name), 'AWS::ECS::CapacityProvider')['ManagedInstancesProvider'] as Record<string, unknown>)[
      'PropagateTags'
    ];
  expect([propagation('default'), propagation('chosen')]).toEqual(['CAPACITY_PROVIDER', 'CAPACITY_PROVIDER']);
});

test('alarms go to the configured e-mail address', () => {
  expect(onlyResource(template('chosen'), 'AWS::SNS::Subscription')).toMatchObject({ Endpoint: 'ops@photos.example' });
  expect(resourcesOf(template(), 'AWS::SNS::Subscription')).toEqual([]);
  expect(resourcesOf(template(), 'AWS::CloudWatch::Dashboard')).toHaveLength(1);
});

test('the outputs are commands to try, each with a description', () => {
  const { UploadCommand, TagsCommand, ClassifyCommand } = template().Outputs;

  expect(Object.values(template().Outputs).filter(({ Description }) => !Description)).toEqual([]);
  expect(JSON.stringify(UploadCommand?.Value)).toContain('aws s3 cp photo.jpg s3://');
  expect(JSON.stringify(TagsCommand?.Value)).toContain('aws s3api get-object-tagging');
  expect(JSON.stringify(ClassifyCommand?.Value)).toContain('curl --aws-sigv4 aws:amz:');
  expect(JSON.stringify(template('chosen').Outputs['ClassifyCommand']?.Value)).toContain('Authorization: Bearer');
  // Without this header, curl sends the media type of a form, which the API refuses.
  expect(JSON.stringify(ClassifyCommand?.Value)).toContain('content-type: image/jpeg');
});

test.each(Object.keys(CONTEXTS) as ContextName[])(
  'no log group outlives the stack, in the configuration %s',
  (name) => {
    const groups = resourcesOf(template(name), 'AWS::Logs::LogGroup');

    expect(groups.length).toBeGreaterThan(2);
    for (const { DeletionPolicy, Properties } of groups) {
      expect([DeletionPolicy, Properties['RetentionInDays']]).toEqual(['Delete', name === 'chosen' ? 7 : 30]);
    }
  },
);

test('without the GPU the queue of its requests stays as it is, with what waits in it', () => {
  const queuesOf = (name: ContextName) =>
    Object.entries(template(name).Resources).filter(
      ([id, { Type }]) => Type === 'AWS::SQS::Queue' && id.startsWith('HeavyQueue'),
    );

  expect(queuesOf('withoutGpu')).toHaveLength(2);
  expect(queuesOf('withoutGpu')).toEqual(queuesOf('default'));
});

test('without the GPU there is no resource of ECS, EC2 or ECR', () => {
  const types = Object.values(template('withoutGpu').Resources).map(({ Type }) => Type);

  expect(types.filter((type) => /^AWS::(ECS|EC2|ECR|ApplicationAutoScaling)::/.test(type))).toEqual([]);
});

test('the whole template matches its snapshot', () => {
  // The hashes of contents are the names of the stand-ins.
  expect(template()).toMatchSnapshot();
});

function variablesOfFunction(of: Template, path: string): Record<string, unknown> {
  const { Environment } = onlyResource(of, 'AWS::Lambda::Function', path);
  return (Environment as { Variables: Record<string, unknown> }).Variables;
}

function sorted(definitions: unknown): unknown[] {
  return [...(definitions as { AttributeName: string }[])].sort((one, other) =>
    one.AttributeName < other.AttributeName ? -1 : 1,
  );
}
