/** The wall (视频墙): one to 25 pictures of an area, or of a person's own choice, in groups that a tour may show by turns. */
import { App, Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import type { WallLayout } from '../api/nouns';
import { BarTools } from '../app/barSlot';
import { bringChromeBack, toggleChrome, useChromeless } from '../app/chrome';
import { useIdle } from '../app/idle';
import { useT } from '../i18n/useT';
import { useMay } from '../queries/session';
import { useScreens } from '../queries/wall';
import { Icon } from '../shapes/Icon';
import { Failed, Notice } from '../shapes/Notice';
import { AlertElsewhere } from './AlertElsewhere';
import { useFreshAlerts } from './alertEdges';
import { CameraTree } from './CameraTree';
import { useDragging } from './drag';
import { NameDialog } from './NameDialog';
import { PaneGrid } from './PaneGrid';
import { SavedMenu } from './SavedMenu';
import { ScreensPanel } from './ScreensPanel';
import { TakeOutStrip } from './TakeOutStrip';
import { mayOverlap } from './tour';
import { TourControl } from './TourControl';
import { usePaneActions } from './usePaneActions';
import { useSaved } from './useSaved';
import { useTour } from './useTour';
import { useWall, type Wall } from './useWall';
import { useWallKeys } from './useWallKeys';
import styles from './WallPage.module.css';
import { WallTools } from './WallTools';

const usualDwellS = 15;
const idleMs = 3000;

export function WallPage() {
  const { t } = useT();
  const { message } = App.useApp();
  const wall = useWall();
  const fresh = useFreshAlerts();
  const chromeless = useChromeless();
  const idle = useIdle(idleMs, chromeless);
  const dragging = useDragging();
  const [chosen, choose] = useState(0);
  const [treeOpen, setTreeOpen] = useState(false);
  const [screensOpen, setScreensOpen] = useState(false);
  const [paused, setPaused] = useState(false);
  const [naming, setNaming] = useState<{ layout: WallLayout | null } | null>(null);
  const grid = useRef<HTMLDivElement>(null);
  const current = Math.min(chosen, wall.layout - 1);
  const actions = usePaneActions(wall, choose);
  const saved = useSaved(wall);
  const windows = 1 + (useScreens(wall.dwellS !== null || screensOpen).data?.length ?? 0);
  const running = useTour({ ...wall, held: paused || wall.big !== null || dragging !== null, onStep: wall.tourOn });
  const elsewhere = elsewhereOf(wall, fresh.newestFirst);
  useEffect(() => bringChromeBack, []);

  function toggleTour(): void {
    if (wall.dwellS !== null) setPaused(!paused);
    else if (wall.groups < 2) void message.info(t('wall:tourOne'));
    else {
      setPaused(false);
      wall.tour(usualDwellS);
    }
  }

  useWallKeys({
    wall,
    actions,
    chosen: current,
    grid,
    onTree: () => setTreeOpen(true),
    onTour: toggleTour,
    onFull: toggleChrome,
    onSave: () => (wall.saved ? saved.isChanged && saved.saveOver() : setNaming({ layout: null })),
    onJump: () => elsewhere && jump(),
    onLeave: () => {
      if (wall.big !== null) wall.shrink();
      else if (chromeless) bringChromeBack();
      else setTreeOpen(false);
    },
  });

  const navigate = useNavigate();
  function jump(): void {
    if (!elsewhere) return;
    if (elsewhere.at === null) return void navigate(`/alerts/${elsewhere.alert.id}`);
    setPaused(true);
    choose(elsewhere.at % wall.layout);
    wall.choosePage(Math.floor(elsewhere.at / wall.layout));
  }

  const tourControl = <TourControl wall={wall} tour={running?.tour ?? null} paused={paused} onToggle={toggleTour} />;
  return (
    <div className={styles.page} data-idle={chromeless && idle}>
      <BarTools>
        <WallTools
          wall={wall}
          treeOpen={treeOpen}
          screensOpen={screensOpen}
          onTree={() => setTreeOpen(!treeOpen)}
          onScreens={() => setScreensOpen(!screensOpen)}
          saved={<SavedMenu wall={wall} saved={saved} onName={(layout) => setNaming({ layout })} />}
          tour={tourControl}
        />
      </BarTools>
      {treeOpen && !chromeless && (
        <CameraTree
          wall={wall}
          chosen={current}
          onPut={(id) => {
            actions.putCamera(current, id);
            choose((current + 1) % wall.layout); // the next pick goes to the next pane
          }}
          onPutArea={(id) => actions.putArea(current, id)}
          onClose={() => setTreeOpen(false)}
        />
      )}
      <div className={styles.stage}>
        <PaneGrid
          ref={grid}
          layout={wall.layout}
          slots={wall.slots}
          byId={wall.byId}
          waiting={wall.isWaiting}
          ahead={paused ? null : (running?.ahead ?? null)}
          overlaps={mayOverlap(wall.layout, windows)}
          edges={fresh.edges}
          chosen={current}
          big={wall.big}
          actions={actions}
          whole={wall.cameras.isError ? <Failed error={wall.cameras.error} onRetry={() => void wall.cameras.refetch()} /> : !wall.isWaiting && wall.list.length === 0 && !wall.isOwn && <NoCameras />}
        />
        {elsewhere && <AlertElsewhere key={elsewhere.alert.id} alert={elsewhere.alert} camera={elsewhere.camera} group={elsewhere.at === null ? null : Math.floor(elsewhere.at / wall.layout)} onJump={jump} />}
        <TakeOutStrip onTakeOut={actions.change.takeOut} />
        {chromeless && (
          <div className={`${styles.float} ${styles.corner}`} data-away={idle} data-testid="full-tools">
            {tourControl}
            <button type="button" className={styles.tool} onClick={bringChromeBack} title={`${t('wall:leaveFull')} Esc`} aria-label={t('wall:leaveFull')}>
              <Icon name="close" />
            </button>
          </div>
        )}
      </div>
      {screensOpen && !chromeless && <ScreensPanel wall={wall} onClose={() => setScreensOpen(false)} />}
      {naming && (
        <NameDialog
          layout={naming.layout}
          busy={saved.busy}
          onClose={() => setNaming(null)}
          onSave={(name, isDefault) => {
            const done = () => setNaming(null);
            if (naming.layout) saved.rename(naming.layout, name, isDefault, done);
            else saved.saveAs(name, isDefault, done);
          }}
        />
      )}
    </div>
  );
}

/** The newest alert of a camera that no pane shows now, and where in the wall's list that camera stands. */
function elsewhereOf(wall: Wall, newestFirst: ReturnType<typeof useFreshAlerts>['newestFirst']) {
  for (const alert of newestFirst) {
    const camera = wall.byId.get(alert.cameraId);
    if (!camera || wall.slots.includes(camera.id)) continue;
    const at = wall.list.indexOf(camera.id);
    return { alert, camera, at: at < 0 ? null : at };
  }
  return null;
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
