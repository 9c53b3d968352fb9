import { AutoSwiftNetError } from '../classifier/errors.ts';

/** Another program listens on the port that the local stack was told to use. */
export class PortTakenError extends AutoSwiftNetError {
  constructor(host: string, port: number, cause?: unknown) {
    super(
      `port ${port} of ${host} is taken by another program. Stop that one, or choose another port: autoswiftnet start --port ${port + 10}`,
      { code: 'port-in-use', status: 500, cause },
    );
  }
}

/** Another local stack runs on the data folder. Two would overwrite each other's files. */
export class DataFolderInUseError extends AutoSwiftNetError {
  constructor(dataDir: string, lockFile: string, pid: number) {
    super(
      `data folder ${dataDir}: the local stack of process ${pid} runs on it. Stop that one, or choose another folder with --data. If process ${pid} is something else, delete ${lockFile}.`,
      { code: 'data-folder-in-use', status: 500 },
    );
  }
}

/** The data folder holds something that no local stack leaves there. */
export class DataFolderError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'data-folder', status: 500, cause });
  }
}

/** A function instance could not start: its module cannot be loaded, or its model cannot be opened. */
export class FunctionStartError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'function-start', status: 500, cause });
  }
}

/** One invocation failed: the handler threw, took too long, or its process died. The queue delivers the messages again. */
export class InvocationError extends AutoSwiftNetError {
  constructor(code: 'handler-failed' | 'function-timeout' | 'instance-crashed', message: string, cause?: unknown) {
    super(message, { code, status: 500, cause });
  }
}

/** A handler answered a batch with something that Lambda takes for a failure of the whole batch. */
export class BatchResponseError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'batch-response', status: 500, cause });
  }
}
