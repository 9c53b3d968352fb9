/**
 * Loaded before a worker of `classify --output` (`NODE_OPTIONS`): kills its process as soon as it is
 * given a picture whose name ends in `deadly.jpg`.
 */
if (process.send !== undefined) {
  process.on('message', ({ item }) => {
    if (item.uri.endsWith('deadly.jpg')) process.kill(process.pid, 'SIGKILL');
  });
}
