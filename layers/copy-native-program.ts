/**
 * Copies the native files of the worker's container: `node copy-native.mjs FROM TO`, two folders
 * node_modules. The prebuilt context of the image has it as one module.
 */
import { copyNative } from './copy-native.ts';

const [from = '', to = ''] = process.argv.slice(2);
copyNative(from, to);
