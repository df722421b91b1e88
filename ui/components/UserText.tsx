/** Text that users chose: one line, isolated from the page's direction, cut in the middle or at the end where it is too long. */
import { watchStart } from './middle-cut.js';

interface UserTextProps {
  text: string;
  /** `middle` keeps the end in sight, where long names differ. */
  cut?: 'end' | 'middle';
}

const TAIL = 8;
const LONG = 16;

export function UserText({ text, cut = 'end' }: UserTextProps) {
  const letters = [...text];
  if (cut === 'end' || letters.length < LONG) {
    return (
      <bdi dir="auto" className="user-text" title={text}>
        {text}
      </bdi>
    );
  }
  return (
    <bdi dir="auto" className="user-text user-text-middle" title={text}>
      <span className="visually-hidden">{text}</span>
      <span key={text} ref={watchStart} aria-hidden="true" className="user-text-start">
        {letters.slice(0, -TAIL).join('')}
      </span>
      <span aria-hidden="true" className="user-text-tail">
        {letters.slice(-TAIL).join('')}
      </span>
    </bdi>
  );
}
