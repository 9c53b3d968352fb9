import { InvalidPackageError } from '../../../../classifier/errors.ts';
import { PackageDownloadError } from '../../../../functions/gpu-worker/errors.ts';
import { machineFault } from '../../../../functions/gpu-worker/models/machine-fault.ts';

const CACHE = '/var/cache/models';

function systemError(code: string, path = '/elsewhere/weights.bin'): Error {
  return Object.assign(new Error(`${code}: it failed, open '${path}'`), { code, path });
}

test.each([
  ['a full disk', new PackageDownloadError('no weights', systemError('ENOSPC'))],
  ['a damaged disk', new InvalidPackageError('/models/big', [], systemError('EIO'))],
  ['too many open files', systemError('EMFILE')],
  ['a read-only cache', systemError('EROFS', `${CACHE}/.part-1`)],
  ['a cache that may not be written', systemError('EACCES', CACHE)],
])('%s is the fault of the machine', (_what, error) => {
  expect(machineFault(error, CACHE)).toMatchObject({
    code: 'machine-fault',
    message: expect.stringContaining('it failed'),
    cause: error,
  });
});

test.each([
  ['a missing package', new InvalidPackageError('/models/big', [{ code: 'no-manifest', message: 'there is none' }])],
  ['a missing file', systemError('ENOENT')],
  ['a file of a package that may not be read', systemError('EACCES')],
  ['a wrong checksum', new PackageDownloadError('expected a, found b')],
  ['a connection that broke', new PackageDownloadError('no weights', systemError('ECONNRESET'))],
  ['a refusal of S3', new PackageDownloadError('no weights', new Error('AccessDenied'))],
  ['anything else', 'a text'],
])('%s is not the fault of the machine', (_what, error) => {
  expect(machineFault(error, CACHE)).toBeNull();
});
