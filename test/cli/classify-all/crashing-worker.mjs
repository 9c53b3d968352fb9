/**
 * Loaded before a worker of `classify --output` (`NODE_OPTIONS`): kills its process as soon as it is
 * given `deadly.jpg`, and the first one that is given `unlucky.jpg`.
 */
import { existsSync, writeFileSync } from 'node:fs';

/** In the working directory, which is the test's folder. */
const MARK = 'unlucky.mark';

if (process.send !== undefined) {
  process.on('message', ({ item }) => {
    const isUnlucky = item.uri.endsWith('unlucky.jpg') && !existsSync(MARK);
    if (isUnlucky) writeFileSync(MARK, '');
    if (isUnlucky || item.uri.endsWith('deadly.jpg')) process.kill(process.pid, 'SIGKILL');
  });
}
