import { unsupported } from '../refusals.ts';
import { viewOf } from './directory.ts';
import type { Layout } from './layout.ts';
import type { Plane } from './plane.ts';

const [NONE, HORIZONTAL, FLOATING_POINT] = [1, 2, 3];

/**
 * Turns the differences between a row's neighbours back into samples, in place (TIFF 6.0, section
 * 14, and Adobe's technical note 3 for floating point).
 * @throws {UnsupportedFormatError} for another predictor, or samples that are not whole bytes
 */
export function undoPredictor(plane: Plane, layout: Layout, littleEndian: boolean): void {
  if (layout.predictor === NONE) return;
  const bytes = layout.bits / 8;
  const step = layout.planar ? 1 : layout.samples;
  if (![1, 2, 4, 8].includes(bytes) || ![HORIZONTAL, FLOATING_POINT].includes(layout.predictor)) {
    throw unsupported('tiff', `of ${layout.bits} bits with predictor ${layout.predictor}`, 'one without a predictor');
  }
  for (let at = 0; at < plane.bytes.length; at += plane.rowBytes) {
    const segment = plane.bytes.subarray(at, at + plane.rowBytes);
    if (layout.predictor === HORIZONTAL) addNeighbours(segment, bytes, step, littleEndian);
    else joinBytes(segment, bytes, step, littleEndian);
  }
}

/** Adds to each sample the one of the same kind before it. */
function addNeighbours(segment: Uint8Array, bytes: number, step: number, littleEndian: boolean): void {
  const view = viewOf(segment);
  const back = step * bytes;
  for (let at = back; at + bytes <= segment.length; at += bytes) {
    if (bytes === 1) view.setUint8(at, view.getUint8(at) + view.getUint8(at - back));
    else if (bytes === 2) {
      view.setUint16(at, view.getUint16(at, littleEndian) + view.getUint16(at - back, littleEndian), littleEndian);
    } else if (bytes === 4) {
      view.setUint32(at, view.getUint32(at, littleEndian) + view.getUint32(at - back, littleEndian), littleEndian);
    } else {
      const sum = view.getBigUint64(at, littleEndian) + view.getBigUint64(at - back, littleEndian);
      view.setBigUint64(at, BigInt.asUintN(64, sum), littleEndian);
    }
  }
}

/**
 * Adds the neighbours byte by byte. Then the row holds all samples' highest bytes, then all their
 * second ones, and so on: they are put together.
 */
function joinBytes(segment: Uint8Array, bytes: number, step: number, littleEndian: boolean): void {
  for (let at = step; at < segment.length; at += 1) segment[at] = (segment[at] ?? 0) + (segment[at - step] ?? 0);
  const apart = Uint8Array.from(segment);
  const samples = segment.length / bytes;
  for (let at = 0; at < segment.length; at += 1) {
    const place = at % bytes;
    segment[at] = apart[(littleEndian ? bytes - 1 - place : place) * samples + (at - place) / bytes] ?? 0;
  }
}
