import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHierarchy } from '../../../classifier/concepts/read-hierarchy.ts';
import type { Manifest } from '../../../classifier/manifest.ts';
import { validManifest } from '../valid-manifest.ts';
import { SMALL_LABELS, SMALL_NODES } from './small-hierarchy.ts';

let packageDir: string;

beforeEach(async () => {
  packageDir = await mkdtemp(join(tmpdir(), 'hierarchy-'));
});

afterEach(() => rm(packageDir, { recursive: true }));

/** Writes the text and returns what the manifest says of it. */
async function listed(text: string, bytes = Buffer.byteLength(text)): Promise<Pick<Manifest, 'files' | 'labels'>> {
  await writeFile(join(packageDir, 'hierarchy.json'), text);
  const { files } = validManifest();
  return { files: { ...files, 'hierarchy.json': { bytes, sha256: 'a'.repeat(64) } }, labels: SMALL_LABELS };
}

test('a listed hierarchy is parsed once, at the first call', async () => {
  const open = await readHierarchy(packageDir, await listed(JSON.stringify(SMALL_NODES)));
  await rm(join(packageDir, 'hierarchy.json'));

  const hierarchy = open?.();

  expect(hierarchy?.allNodes()).toEqual(SMALL_NODES);
  expect(open?.()).toBe(hierarchy);
});

test('a package that lists none has none, whatever lies in its folder', async () => {
  await listed('[]');
  await expect(readHierarchy(packageDir, validManifest())).resolves.toBeNull();
});

test('a file that is gone, or of another size, is a fault of the package', async () => {
  const manifest = await listed('[]', 3);
  await expect(readHierarchy(packageDir, manifest)).rejects.toMatchObject({ faults: [{ code: 'file-size' }] });

  await rm(join(packageDir, 'hierarchy.json'));
  await expect(readHierarchy(packageDir, manifest)).rejects.toMatchObject({ faults: [{ code: 'no-file' }] });

  const large = await listed('[]', 20_000_001);
  await expect(readHierarchy(packageDir, large)).rejects.toMatchObject({ faults: [{ code: 'hierarchy' }] });
});

test('a file that is no hierarchy of the classes is a fault of the package, at each call', async () => {
  const open = await readHierarchy(packageDir, await listed('[]'));
  const fault = expect.objectContaining({
    code: 'invalid-package',
    message: expect.stringContaining('class 0, "cat"'),
  });

  expect(open).toThrow(fault);
  expect(open).toThrow(fault);
});
