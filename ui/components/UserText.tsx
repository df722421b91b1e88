/** Text that users chose: one line, isolated from the page's direction, cut in the middle or at the end where it is too long. */
import { watchStart } from './middle-cut.js';

interface UserTextProps {
  text: string;
  /** `middle` keeps the end in sight, where long names differ. */
  cut?: 'end' | 'middle';
}

const TAIL = 8;
const LONG = 16;
/** What turns the direction of all that follows must not be parted from it. */
const TURNS = /[\u202A-\u202E\u2066-\u2069]/;

export function UserText({ text, cut = 'end' }: UserTextProps) {
  const letters = [...text];
  if (cut === 'end' || letters.length < LONG || TURNS.test(text)) {
    return (
      <bdi dir="auto" className="user-text" title={text}>
        {text}
      </bdi>
    );
  }
  return (
    <bdi dir="auto" className="user-text user-text-middle" title={text}>
      <span className="user-text-whole">{text}</span>
      <span
        key={text}
        ref={watchStart}
        aria-hidden="true"
        className="user-text-start"
        data-part={letters.slice(0, -TAIL).join('')}
      />
      <span aria-hidden="true" className="user-text-tail" data-part={letters.slice(-TAIL).join('')} />
    </bdi>
  );
}
