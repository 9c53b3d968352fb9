/**
 * ONNX Runtime writes each provider that it refuses to standard error, in red, and throws it as well.
 * Tests look at what is thrown.
 */
require('onnxruntime-common').env.logLevel = 'fatal';
