/** The messages of `toast()`, spoken politely. */
import { dismissToast, useToasts } from '../../state/toasts.js';

export function Toasts() {
  const toasts = useToasts();
  return (
    <div className="toasts" role="status">
      {toasts.map(({ id, text, tone, action }) => (
        <div key={id} className={`toast toast-${tone}`}>
          <bdi>{text}</bdi>
          {action && (
            <button
              type="button"
              className="button"
              onClick={() => {
                dismissToast(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" className="button quiet" onClick={() => dismissToast(id)}>
            Dismiss
          </button>
        </div>
      ))}
    </div>
  );
}
