import { isNativeFile } from '../../layers/native-files.ts';

const LAYER = { architecture: 'arm64', cuda: false } as const;
const CONTAINER = { architecture: 'x64', cuda: true } as const;

test.each([
  'onnxruntime-node/dist/index.js',
  'onnxruntime-node/package.json',
  'onnxruntime-node/bin/napi-v6/linux/arm64/libonnxruntime.so.1',
  'onnxruntime-node/bin/napi-v6/linux/arm64/onnxruntime_binding.node',
  'onnxruntime-common/dist/cjs/index.js',
  'sharp/dist/index.cjs',
  'sharp/LICENSE',
  '@img/colour/LICENSE.md',
  '@img/colour/index.cjs',
  '@img/sharp-linux-arm64/lib/sharp-linux-arm64-0.35.5.node',
  '@img/sharp-libvips-linux-arm64/lib/libvips-cpp.so.8.18.7',
  '@img/sharp-libvips-linux-arm64/versions.json',
  'semver/classes/semver.js',
  'libheif-js/package.json',
  'libheif-js/LICENSE',
  'libheif-js/libheif-wasm/LICENSE',
  'libheif-js/libheif-wasm/libheif.js',
  'libheif-js/libheif-wasm/libheif.wasm',
])('%s is in the layer for arm64', (path) => {
  expect(isNativeFile(path, LAYER)).toBe(true);
});

test.each([
  ["another architecture's binary", 'onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1'],
  ["another system's binary", 'onnxruntime-node/bin/napi-v6/win32/arm64/onnxruntime.dll'],
  ["another architecture's libvips", '@img/sharp-libvips-linux-x64/lib/libvips-cpp.so.8.18.7'],
  ["another libc's", '@img/sharp-linuxmusl-arm64/lib/sharp-linuxmusl-arm64.node'],
  ['types', 'onnxruntime-node/dist/index.d.ts'],
  ['types of modules', 'sharp/dist/index.d.mts'],
  ['maps', 'onnxruntime-node/dist/backend.js.map'],
  ['headers', '@img/sharp-libvips-linux-arm64/include/vips/vips.h'],
  ['sources', 'sharp/src/pipeline.cc'],
  ['documents', 'semver/README.md'],
  ['the form for import', 'sharp/dist/resize.mjs'],
  ["the install script's", 'onnxruntime-node/script/install.js'],
  ["the install script's packages", 'adm-zip/adm-zip.js'],
  ["npm's own notes", '.package-lock.json'],
  ['programs', 'semver/bin/semver.js'],
  ['libheif without WebAssembly', 'libheif-js/libheif/libheif.js'],
  ['libheif for browsers', 'libheif-js/libheif-wasm/libheif-bundle.mjs'],
])('%s are not', (_name, path) => {
  expect(isNativeFile(path, LAYER)).toBe(false);
});

test.each([
  ['its binary', 'libonnxruntime.so.1', true, true],
  ["CUDA's library", 'libonnxruntime_providers_cuda.so', false, true],
  ['what finds it', 'libonnxruntime_providers_shared.so', false, true],
  ["TensorRT's library", 'libonnxruntime_providers_tensorrt.so', false, false],
])("ONNX Runtime's %s is in the layer, the container, or neither", (_name, file, inLayer, inContainer) => {
  const path = `onnxruntime-node/bin/napi-v6/linux/x64/${file}`;

  expect(isNativeFile(path, { ...CONTAINER, cuda: false })).toBe(inLayer);
  expect(isNativeFile(path, CONTAINER)).toBe(inContainer);
});
