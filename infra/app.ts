/**
 * The CDK app: `npx cdk synth`, `npx cdk deploy`. cdk.json names it; docs/deploy.md describes its
 * configuration.
 */
import { App } from 'aws-cdk-lib';
import { AutoSwiftNetError } from '../classifier/errors.ts';
import { buildArtefacts } from './artefacts/artefacts.ts';
import { readConfiguration } from './configuration/configuration.ts';
import { AutoSwiftNetStack } from './stack.ts';

try {
  const app = new App({ analyticsReporting: false });
  const configuration = readConfiguration(app.node.getAllContext());
  const artefacts = await buildArtefacts(configuration);
  new AutoSwiftNetStack(app, configuration.stackName, {
    stackName: configuration.stackName,
    description: 'AutoSwiftNet: tags every image that lands in a bucket',
    configuration,
    artefacts,
  });
  app.synth();
} catch (error) {
  if (!(error instanceof AutoSwiftNetError)) throw error;
  process.stderr.write(`autoswiftnet: ${error.message}\n`);
  process.exitCode = 1;
}
