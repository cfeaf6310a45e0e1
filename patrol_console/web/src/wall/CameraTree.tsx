/** The list of cameras by area, beside the wall: search, drag one into a pane, or press Enter for the chosen pane. */
import { Input, type InputRef } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Camera } from '../api/nouns';
import { useT } from '../i18n/useT';
import { treeOf, type AreaNode } from '../queries/areas';
import { CameraStateMark } from '../shapes/CameraStateMark';
import { Icon } from '../shapes/Icon';
import styles from './CameraTree.module.css';
import { startDrag } from './drag';
import type { Wall } from './useWall';

interface Props {
  wall: Wall;
  onPut: (cameraId: string) => void;
  onClose: () => void;
}

export function CameraTree({ wall, onPut, onClose }: Props) {
  const { t } = useT();
  const [text, setText] = useState('');
  const field = useRef<InputRef>(null);
  useEffect(() => field.current?.focus(), []);
  const roots = useMemo(() => treeOf(wall.areas.data ?? []), [wall.areas.data]);
  const found = (wall.cameras.data ?? []).filter((camera) => camera.name.toLowerCase().includes(text.trim().toLowerCase()));
  const shown = new Set(wall.slots);
  return (
    <aside className={styles.tree} aria-label={t('wall:tree')} onKeyDown={(event) => event.key === 'Escape' && onClose()}>
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
      <div className={styles.list}>
        {found.length === 0 && text && <p className="quiet">{t('wall:searchNothing', { text })}</p>}
        {roots.map((node) => (
          <Branch key={node.id} node={node} cameras={found} shown={shown} searching={text !== ''} onPut={onPut} />
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
}

function Branch({ node, cameras, shown, searching, onPut }: BranchProps) {
  const own = cameras.filter((camera) => camera.area_id === node.id);
  if (searching && own.length === 0 && !node.children.some((child) => cameras.some((camera) => camera.area_id === child.id))) return null;
  return (
    <details open className={styles.branch}>
      <summary>
        <span>{node.name}</span>
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
          data-testid={`tree-camera-${camera.id}`}
          draggable
          onDragStart={(event) => startDrag(event.dataTransfer, { kind: 'camera', cameraId: camera.id })}
          onClick={() => onPut(camera.id)}
        >
          <CameraStateMark state={camera.state} word={false} />
          <span>{camera.name}</span>
        </button>
      ))}
      {node.children.map((child) => (
        <Branch key={child.id} node={child} cameras={cameras} shown={shown} searching={searching} onPut={onPut} />
      ))}
    </details>
  );
}
