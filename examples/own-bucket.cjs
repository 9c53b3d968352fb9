/**
 * A bucket of its own: images that land in it get tags. In plain JavaScript.
 */
const { App, CfnOutput, Stack } = require('aws-cdk-lib');
const { AutoSwiftNet, Monitoring } = require('autoswiftnet/cdk');

const app = new App();
const stack = new Stack(app, 'Photos');
// In place of the sample model: model: ModelPackage.fromFolder('models/cache/resnet50_swsl.int8')
const service = new AutoSwiftNet(stack, 'Tagging');
new Monitoring(stack, 'Monitoring', { service });
new CfnOutput(stack, 'Bucket', { value: service.bucket.bucketName });
