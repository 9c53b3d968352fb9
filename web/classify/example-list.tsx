import { useState } from 'preact/hooks';
import { type Explanation, explain } from '../api/explain.ts';
import { Notice } from '../parts/notice.tsx';
import { EXAMPLES, type Example, readExample } from './examples.ts';

interface ExampleListProps {
  readonly onExample: (file: File, url: string) => void;
}

/** Offers the page's own drawings. A click classifies one. */
export function ExampleList({ onExample }: ExampleListProps) {
  const [failure, setFailure] = useState<Explanation | null>(null);
  const choose = async (example: Example) => {
    setFailure(null);
    try {
      onExample(await readExample(example), example.url);
    } catch (error) {
      setFailure(explain(error));
    }
  };
  return (
    <div class="examples">
      <p id="examples-title">Try one of the model’s drawings:</p>
      <ul aria-labelledby="examples-title">
        {EXAMPLES.map((example) => (
          <li key={example.label}>
            <button type="button" onClick={() => void choose(example)}>
              <img src={example.url} alt={`Drawing of a ${example.label}`} width={64} height={64} />
            </button>
          </li>
        ))}
      </ul>
      {failure !== null && <Notice explanation={failure} />}
    </div>
  );
}
