/**
 * The list of cameras by area, beside the wall: search, drag a camera or a whole area into a pane, or press Enter for
 * the chosen pane. A pane that is dragged here leaves the wall.
 */
import { Input, type InputRef } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Camera } from '../api/nouns';
import { causeText } from '../cameras/causeText';
import { useT } from '../i18n/useT';
import { treeOf, type AreaNode } from '../queries/areas';
import { CameraStateMark } from '../shapes/CameraStateMark';
import { Icon } from '../shapes/Icon';
import styles from './CameraTree.module.css';
import { startDrag } from './drag';
import type { Wall } from './useWall';

interface Props {
  wall: Wall;
  chosen: number; // the pane that Enter fills
  onPut: (cameraId: string) => void;
  onPutArea: (areaId: string) => void;
  onClose: () => void;
}

export function CameraTree({ wall, chosen, onPut, onPutArea, onClose }: Props) {
  const { t } = useT();
  const [text, setText] = useState('');
  const field = useRef<InputRef>(null);
  useEffect(() => field.current?.focus(), []);
  const roots = useMemo(() => treeOf(wall.areas.data ?? []), [wall.areas.data]);
  const said = text.trim().toLowerCase();
  const found = (wall.cameras.data ?? []).filter((camera) => camera.name.toLowerCase().includes(said));
  const shown = new Set(wall.slots);
  return (
    <aside className={styles.tree} aria-label={t('wall:tree')} onKeyDown={(event) => event.key === 'Escape' && onClose()} data-testid="tree">
      <Input
        ref={field}
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder={t('wall:search')}
        aria-label={t('wall:search')}
        prefix={<Icon name="search" size={16} />}
        allowClear
        data-testid="tree-search"
      />
      <p className={styles.hint}>{t('wall:treeHint', { number: chosen + 1 })}</p>
      <div className={styles.list}>
        {found.length === 0 && text && <p className="quiet">{t('wall:searchNothing', { text })}</p>}
        {roots.map((node) => (
          <Branch key={node.id} node={node} cameras={found} shown={shown} searching={said !== ''} onPut={onPut} onPutArea={onPutArea} />
        ))}
      </div>
    </aside>
  );
}

interface BranchProps {
  node: AreaNode;
  cameras: readonly Camera[];
  shown: ReadonlySet<string | null>;
  searching: boolean;
  onPut: (cameraId: string) => void;
  onPutArea: (areaId: string) => void;
}

function Branch({ node, cameras, shown, searching, onPut, onPutArea }: BranchProps) {
  const { t } = useT();
  const own = cameras.filter((camera) => camera.area_id === node.id);
  if (searching && !holds(node, cameras)) return null;
  return (
    <details open className={styles.branch}>
      <summary draggable onDragStart={(event) => startDrag(event.dataTransfer, { kind: 'area', areaId: node.id })} data-testid={`tree-area-${node.id}`}>
        <span className={styles.areaName}>{node.name}</span>
        <button
          type="button"
          className={styles.putArea}
          aria-label={t('wall:putArea', { name: node.name })}
          title={t('wall:putArea', { name: node.name })}
          onClick={(event) => {
            event.preventDefault(); // a click in a summary opens and closes it
            onPutArea(node.id);
          }}
          data-testid={`put-area-${node.id}`}
        >
          <Icon name="wall" size={16} />
        </button>
        <span className="quiet">
          {node.online}/{node.cameras}
        </span>
      </summary>
      {own.map((camera) => (
        <button
          key={camera.id}
          type="button"
          className={styles.leaf}
          data-shown={shown.has(camera.id)}
          title={causeText(camera) ?? undefined}
          data-testid={`tree-camera-${camera.id}`}
          draggable
          onDragStart={(event) => startDrag(event.dataTransfer, { kind: 'camera', cameraId: camera.id })}
          onClick={() => onPut(camera.id)}
        >
          <CameraStateMark state={camera.state} word={false} />
          <span className={styles.leafName}>{camera.name}</span>
          <span className={styles.note}>{shortCause(camera) ?? (shown.has(camera.id) && t('wall:onWall'))}</span>
        </button>
      ))}
      {node.children.map((child) => (
        <Branch key={child.id} node={child} cameras={cameras} shown={shown} searching={searching} onPut={onPut} onPutArea={onPutArea} />
      ))}
    </details>
  );
}

/** Beside the name there is room for a few signs: the line that a waiting camera waits for, else the cause. All of it is the title. */
function shortCause(camera: Camera): string | null {
  return camera.cause === 'waiting' ? (camera.uplinks[0]?.name ?? causeText(camera)) : causeText(camera);
}

/** Whether one of these cameras is in the area or beneath it. */
function holds(node: AreaNode, cameras: readonly Camera[]): boolean {
  return cameras.some((camera) => camera.area_id === node.id) || node.children.some((child) => holds(child, cameras));
}
