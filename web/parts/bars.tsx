import type * as Wire from '../../functions/wire.ts';
import { formatProbability } from '../format.ts';
import { galleryHash } from '../view.ts';

/**
 * Addresses of the gallery, which begin as links to other pages do. In a page whose links all begin
 * with # axe takes those that are scrolled out of view for links that skip content.
 */
const HERE = './';

/**
 * Shows predictions as bars, the best first. A label links to the pictures in the bucket that have
 * it.
 */
export function Bars({ predictions }: { readonly predictions: readonly Wire.Prediction[] }) {
  return (
    <ol class="bars">
      {predictions.map(({ label, probability }) => (
        <li class="bar" key={label}>
          <a
            href={HERE + galleryHash({ label, minProbability: 0 })}
            title={`Pictures in the bucket with the label ${label}`}
          >
            {label}
          </a>
          <span class="bar-value">{formatProbability(probability)}</span>
          <div class="bar-track" aria-hidden="true">
            <div class="bar-fill" style={{ width: `${probability * 100}%` }} />
          </div>
        </li>
      ))}
    </ol>
  );
}
