/** The wall (视频墙): 1, 4, 9 or 16 pictures of an area, or of a person's own choice. */
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { BarTools } from '../app/barSlot';
import { bringChromeBack, toggleChrome, useChromeless } from '../app/chrome';
import { useKeys } from '../app/useKeys';
import { useT } from '../i18n/useT';
import { useMay } from '../queries/session';
import { Failed, Notice } from '../shapes/Notice';
import { useAlertEdges } from './alertEdges';
import { neighbour, put, swap, takeOut } from './arrangement';
import { CameraTree } from './CameraTree';
import { Pane } from './Pane';
import { useWall } from './useWall';
import styles from './WallPage.module.css';
import { WallTools } from './WallTools';

export function WallPage() {
  const { t } = useT();
  const wall = useWall();
  const edges = useAlertEdges();
  const chromeless = useChromeless();
  const [chosen, choose] = useState(0);
  const [treeOpen, setTreeOpen] = useState(false);
  const grid = useRef<HTMLDivElement>(null);
  const current = Math.min(chosen, wall.layout - 1);

  function move(event: KeyboardEvent): void {
    if (wall.big !== null) return;
    const next = neighbour(current, event.key, wall.layout);
    choose(next);
    grid.current?.querySelector<HTMLElement>(`[data-testid="pane-${next}"]`)?.focus();
  }

  function leave(): void {
    if (wall.big !== null) wall.shrink();
    else if (chromeless) bringChromeBack();
    else setTreeOpen(false);
  }

  useKeys({
    ArrowLeft: move,
    ArrowRight: move,
    ArrowUp: move,
    ArrowDown: move,
    Enter: () => wall.slots[current] && wall.big === null && wall.enlarge(current),
    Escape: leave,
    '/': () => setTreeOpen(true),
    f: toggleChrome,
    '[': () => !wall.isOwn && wall.page > 0 && wall.choosePage(wall.page - 1),
    ']': () => !wall.isOwn && wall.page + 1 < wall.pages && wall.choosePage(wall.page + 1),
  });
  useEffect(() => bringChromeBack, []);

  return (
    <div className={styles.page}>
      <BarTools>
        <WallTools wall={wall} treeOpen={treeOpen} onTree={() => setTreeOpen(!treeOpen)} />
      </BarTools>
      {treeOpen && !chromeless && (
        <CameraTree wall={wall} onPut={(id) => wall.arrange(put(wall.slots, current, id))} onClose={() => setTreeOpen(false)} />
      )}
      <div className={styles.grid} ref={grid} style={{ '--side': Math.sqrt(wall.layout) } as React.CSSProperties} aria-label={t('wall:title')} data-testid="wall">
        {wall.cameras.isPending ? (
          wall.slots.map((_, i) => <div key={i} className={styles.blank} />)
        ) : wall.cameras.isError ? (
          <Whole>
            <Failed error={wall.cameras.error} onRetry={() => void wall.cameras.refetch()} />
          </Whole>
        ) : wall.inArea.length === 0 && !wall.isOwn ? (
          <Whole>
            <NoCameras />
          </Whole>
        ) : (
          wall.slots.map((id, i) => (
            <Pane
              key={i}
              number={i}
              camera={(id && wall.byId.get(id)) || null}
              chosen={i === current}
              big={wall.big === i}
              hidden={wall.big !== null && wall.big !== i}
              edge={(id && edges.get(id)) || null}
              onChoose={() => choose(i)}
              onEnlarge={() => (wall.big === i ? wall.shrink() : wall.enlarge(i))}
              onTakeOut={() => wall.arrange(takeOut(wall.slots, i))}
              onPut={(cameraId) => wall.arrange(put(wall.slots, i, cameraId))}
              onSwap={(from) => wall.arrange(swap(wall.slots, from, i))}
            />
          ))
        )}
      </div>
    </div>
  );
}

function Whole({ children }: { children: React.ReactNode }) {
  return <div className={styles.whole}>{children}</div>;
}

function NoCameras() {
  const { t } = useT();
  const mayAdd = useMay('camera.configure');
  const navigate = useNavigate();
  return (
    <Notice
      icon="cameras"
      title={t('wall:none')}
      hint={t('wall:noneHint')}
      action={
        mayAdd && (
          <Button type="primary" onClick={() => void navigate('/cameras?add=1')}>
            {t('wall:addCamera')}
          </Button>
        )
      }
    />
  );
}
