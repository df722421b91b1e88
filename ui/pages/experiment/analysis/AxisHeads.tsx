/** The names over the axes: each a menu, and to be dragged to another place. */
import { type CSSProperties, type PointerEvent, useRef, useState } from 'react';
import type { Axis } from '../../../analysis/axis.js';
import type { Brush } from '../../../analysis/brush.js';
import { columnLabel } from '../../../analysis/column-name.js';
import { Menu, type MenuItem } from '../../../components/Menu.js';
import { MARGIN, xOfAxis } from './drawing/parallel.js';

interface AxisHeadsProps {
  axes: readonly Axis[];
  brushes: readonly Brush[];
  /** Of the plot below; undefined before it is known. */
  width: number | undefined;
  onBrush: (column: string, brush: Brush | undefined) => void;
  onLook: (column: string, look: { isLog?: boolean; isFlipped?: boolean }) => void;
  onMove: (column: string, place: number) => void;
  onRemove: (column: string) => void;
  onRange: (column: string) => void;
}

const LEAST_DRAG = 5;

export function AxisHeads(props: AxisHeadsProps) {
  const { axes, width, onMove } = props;
  const [drag, setDrag] = useState<{ column: string; by: number }>();
  const from = useRef<number>(undefined);
  const hasMoved = useRef(false);
  if (width === undefined) return <div className="axis-heads" />;
  const step = axes.length > 1 ? (width - 2 * MARGIN.side) / (axes.length - 1) : width;
  const onPointerMove = (event: PointerEvent<HTMLElement>, column: string) => {
    if (from.current === undefined) return;
    const by = event.clientX - from.current;
    if (!hasMoved.current && Math.abs(by) < LEAST_DRAG) return;
    if (!hasMoved.current) event.currentTarget.setPointerCapture(event.pointerId);
    hasMoved.current = true;
    setDrag({ column, by });
  };
  const onPointerUp = (at: number, column: string) => {
    from.current = undefined;
    if (drag) onMove(column, Math.max(0, Math.min(axes.length - 1, at + Math.round(drag.by / step))));
    setDrag(undefined);
  };
  return (
    <div className="axis-heads">
      {axes.map((axis, at) => {
        const { name } = axis.column;
        const by = drag?.column === name ? drag.by : 0;
        const style: CSSProperties = {
          left: xOfAxis(at, axes.length, width) + by,
          maxWidth: Math.max(56, Math.min(at === 0 || at === axes.length - 1 ? 2 * MARGIN.side - 4 : 180, step - 4)),
        };
        return (
          <div
            key={name}
            className={by ? 'axis-head axis-head-dragged' : 'axis-head'}
            style={style}
            onPointerDown={(event) => {
              from.current = event.clientX;
              hasMoved.current = false;
            }}
            onPointerMove={(event) => onPointerMove(event, name)}
            onPointerUp={() => onPointerUp(at, name)}
            onClickCapture={(event) => {
              if (hasMoved.current) event.stopPropagation();
            }}
          >
            <Menu
              label={`Axis ${columnLabel(name)}${axis.isLog ? ' log' : ''}`}
              className="axis-name"
              items={itemsOf(props, axis, at)}
            >
              <bdi className="axis-text" title={name}>
                {columnLabel(name)}
              </bdi>
              <span aria-hidden="true">
                {axis.isLog && <small> log</small>}
                {axis.isFlipped && ' ⇅'}
              </span>
            </Menu>
          </div>
        );
      })}
    </div>
  );
}

function itemsOf(props: AxisHeadsProps, axis: Axis, at: number): MenuItem[] {
  const { axes, brushes, onBrush, onLook, onMove, onRemove, onRange } = props;
  const { name } = axis.column;
  const items: MenuItem[] = [{ label: 'Brush…', run: () => onRange(name) }];
  if (brushes.some(({ column }) => column === name)) {
    items.push({ label: 'Clear brush', run: () => onBrush(name, undefined) });
  }
  items.push({ label: 'Flip', isChecked: axis.isFlipped, run: () => onLook(name, { isFlipped: !axis.isFlipped }) });
  if (axis.canLog) {
    items.push({ label: 'Logarithmic', isChecked: axis.isLog, run: () => onLook(name, { isLog: !axis.isLog }) });
  }
  if (at > 0) items.push({ label: 'Move left', run: () => onMove(name, at - 1) });
  if (at < axes.length - 1) items.push({ label: 'Move right', run: () => onMove(name, at + 1) });
  if (axes.length > 2) items.push({ label: 'Remove axis', run: () => onRemove(name) });
  return items;
}
