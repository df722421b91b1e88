/** A modal dialog: the browser's own, which keeps the focus in it, gives it back, and closes with Esc. */
import { type FormEvent, type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** `sheet` stands at the right edge, `top` near the top of the page, `full` covers most of it. */
  look?: 'middle' | 'sheet' | 'top' | 'full';
}

/** Open for as long as it is drawn. */
export function Dialog({ title, onClose, children, look = 'middle' }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Closed before it leaves the page: only then does the browser give the focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) {
      dialog.showModal();
      // Who opens a dialog with fields wants to write.
      dialog.querySelector<HTMLElement>('input:not([type=checkbox],[type=radio]),textarea,select')?.focus();
    }
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes it too
    <dialog
      ref={ref}
      className={`dialog dialog-${look}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className="dialog-body">
        <header className="dialog-header">
          <h2 id={id}>{title}</h2>
          <button type="button" className="button quiet" onClick={onClose}>
            Close
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface FormDialogProps {
  title: string;
  action: string;
  /** Why it failed becomes a line of the dialog, which stays. */
  onSubmit: () => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog with fields, one button, and the server's refusal where there is one. */
export function FormDialog({ title, action, onSubmit, onClose, children }: FormDialogProps) {
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await onSubmit();
      onClose();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        {children}
        {problem && (
          <p className="form-problem" role="alert">
            <bdi>{problem}</bdi>
          </p>
        )}
        <div className="buttons dialog-buttons">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={isBusy}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
