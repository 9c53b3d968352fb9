import { ZOO } from '../../models/zoo/zoo.ts';
import { markdownTable } from './markdown-table.ts';

/** The released models: size, computing and accuracy on ImageNet's validation pictures. */
export function modelTable(): string {
  const rows = ZOO.map((model) => [
    `\`${model.name}\``,
    `${Math.round(model.checkpointBytes / 1e6)} MB`,
    `${(model.parameters / 1e6).toFixed(1)} M`,
    (model.macs / 1e9).toFixed(2),
    model.publishedTop1.toFixed(1),
    model.measuredTop1.toFixed(1),
  ]);
  const headings = ['model', 'download', 'parameters', 'GMACs', "top-1, the authors' (%)", "top-1, timm's (%)"];
  return markdownTable(headings, rows);
}
