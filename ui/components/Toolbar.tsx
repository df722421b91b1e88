/** Buttons that are one stop of the Tab key: arrows move between them. */
import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef } from 'react';

interface ToolbarProps {
  label: string;
  className: string;
  children: ReactNode;
}

const buttonsOf = (element: HTMLElement | null) =>
  [...(element?.querySelectorAll<HTMLElement>('button,a') ?? [])].filter((each) => !each.closest('[role=menu],dialog'));

export function Toolbar({ label, className, children }: ToolbarProps) {
  const ref = useRef<HTMLDivElement>(null);
  const current = useRef<HTMLElement>(undefined);
  useLayoutEffect(() => {
    const buttons = buttonsOf(ref.current);
    const stop = buttons.find((each) => each === current.current) ?? buttons[0];
    for (const each of buttons) each.tabIndex = each === stop ? 0 : -1;
  });
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const buttons = buttonsOf(ref.current);
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    buttons[(to + buttons.length) % buttons.length]?.focus();
  };
  return (
    <div
      ref={ref}
      role="toolbar"
      aria-label={label}
      className={className}
      onKeyDown={onKeyDown}
      onFocus={({ target }) => {
        if (!buttonsOf(ref.current).includes(target)) return;
        current.current = target;
        for (const each of buttonsOf(ref.current)) each.tabIndex = each === target ? 0 : -1;
      }}
    >
      {children}
    </div>
  );
}
