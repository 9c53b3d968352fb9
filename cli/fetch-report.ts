import type { FetchRequest } from '../models/fetch.ts';
import { megabytes, ProgressBar, type Screen } from './progress-bar.ts';
import { oneLine } from './report-error.ts';
import { StepProgress } from './step-progress.ts';

type Reported = Pick<
  FetchRequest,
  'onBegin' | 'onProgress' | 'onRetry' | 'onConvert' | 'onDerive' | 'onStep' | 'onWarning'
>;

type Handlers = { readonly [Name in keyof Reported]-?: NonNullable<Reported[Name]> };

export interface FetchReport extends Handlers {
  /** Removes the bar from the terminal. */
  stop(): void;
}

/** Tells on standard error what `models fetch` does for one model. */
export function fetchReport(
  { model, precision = 'fp32' }: Pick<FetchRequest, 'model' | 'precision'>,
  showLicense: () => void,
  screen: Screen = process.stderr,
): FetchReport {
  const download = new ProgressBar(model.name, screen);
  const steps = new StepProgress(`${model.name}.${precision}`, screen);
  let isRetryTold = false;
  const stop = (): void => {
    download.stop();
    steps.stop();
  };
  const say = (text: string): void => {
    stop();
    screen.write(`${model.name}: ${oneLine(text)}\n`);
  };
  return {
    stop,
    onBegin() {
      showLicense();
      say(`downloading ${megabytes(model.checkpointBytes)}`);
    },
    onProgress(progress) {
      isRetryTold = false;
      download.update(progress);
    },
    // Attempts that fail one after the other are told once; the error at the end says the rest.
    onRetry({ message }, retriesLeft) {
      if (!isRetryTold) say(`${message}; trying up to ${retriesLeft === 1 ? 'once' : `${retriesLeft} times`} more`);
      isRetryTold = true;
    },
    onConvert: () => say('download verified; converting it to a package'),
    onDerive: () => say(`making the ${precision} package from the fp32 package`),
    onStep: steps.update,
    onWarning: (text) => say(`warning: ${text}`),
  };
}
