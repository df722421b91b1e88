/** A button that opens a list of things to do; arrows move in it, Esc closes it. */
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';

export interface MenuItem {
  label: string;
  run: () => void;
  isDangerous?: boolean;
  /** Of a choice: whether it is the current one. */
  isChecked?: boolean;
}

interface MenuProps {
  /** The button's accessible name. */
  label: string;
  /** What the button shows; default: the label and a mark. */
  children?: ReactNode;
  items: readonly MenuItem[];
  className?: string;
  /** False inside a grid, which is one stop of the Tab key as a whole. */
  isTabStop?: boolean;
  /** For items that are only asked for then. */
  onOpen?: () => void;
}

export function Menu({ label, children, items, className = 'button', isTabStop = true, onOpen }: MenuProps) {
  const [place, setPlace] = useState<{ top: number; left: number }>();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const close = (isFocusBack = true) => {
    setPlace(undefined);
    if (isFocusBack) button.current?.focus();
  };
  useEffect(() => {
    if (!place) return;
    const element = list.current;
    element?.showPopover();
    // What would stand beyond the edge of the page is moved in.
    if (element) {
      const { width, height } = element.getBoundingClientRect();
      element.style.left = `${Math.max(8, Math.min(place.left, innerWidth - width - 8))}px`;
      element.style.top = `${Math.max(8, Math.min(place.top, innerHeight - height - 8))}px`;
      element.querySelector<HTMLElement>('[role^=menuitem]')?.focus();
    }
    const away = (event: Event) => {
      if (event.target instanceof Node && !element?.contains(event.target)) setPlace(undefined);
    };
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [place]);
  const open = () => {
    onOpen?.();
    const box = button.current?.getBoundingClientRect();
    if (box) setPlace({ top: box.bottom + 4, left: box.left });
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        tabIndex={isTabStop ? undefined : -1}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={place !== undefined}
        onClick={() => (place ? close() : open())}
      >
        {children ?? (
          <>
            {label} <span aria-hidden="true">▾</span>
          </>
        )}
      </button>
      {place && (
        <div
          ref={list}
          popover="manual"
          role="menu"
          aria-label={label}
          className="menu"
          onKeyDown={(event) => move(event, close)}
        >
          {items.map((item) => (
            // biome-ignore lint/a11y/useAriaPropsSupportedByRole: a radio item of a menu has a checked state
            <button
              key={item.label}
              type="button"
              role={item.isChecked === undefined ? 'menuitem' : 'menuitemradio'}
              aria-checked={item.isChecked}
              tabIndex={-1}
              className={item.isDangerous ? 'menu-danger' : undefined}
              onClick={() => {
                close();
                item.run();
              }}
            >
              {item.label}
            </button>
          ))}
        </div>
      )}
    </>
  );
}

function move(event: KeyboardEvent<HTMLElement>, close: (isFocusBack?: boolean) => void): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role^=menuitem]')];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    items[(to + items.length) % items.length]?.focus();
  } else if (event.key === 'Escape') {
    event.preventDefault();
    event.stopPropagation();
    close();
  } else if (event.key === 'Tab') close(false);
}
