/** Gives the focus back when an editor that stood in a button's place goes away. */
import { type RefObject, useEffect, useRef } from 'react';

/** For the button that opens the editor. A focus that has moved elsewhere meanwhile stays there. */
export function useFocusBack(isEditing: boolean): RefObject<HTMLButtonElement | null> {
  const button = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(isEditing);
  useEffect(() => {
    if (wasEditing.current && !isEditing && document.activeElement === document.body) button.current?.focus();
    wasEditing.current = isEditing;
  }, [isEditing]);
  return button;
}
