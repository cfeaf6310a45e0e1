/**
 * A screen (屏): a window without a frame that shows what its person's desk puts there. Nothing is chosen here beyond
 * full screen and a pause; it finds its pictures again after a reload, and says its name when it is asked to.
 */
import { Skeleton } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { useParams } from 'react-router';
import { bringChromeBack, toggleChrome, useChromeless } from '../app/chrome';
import { useIdle } from '../app/idle';
import { useKeys } from '../app/useKeys';
import type { WallScreen } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useLineUp } from '../events/follow';
import { useHub } from '../queries/hub';
import { useSession } from '../queries/session';
import { leaveScreen, useThisScreen } from '../queries/wall';
import { SignInPage } from '../session/SignInPage';
import { Icon } from '../shapes/Icon';
import { Failed, Notice } from '../shapes/Notice';
import { AlertElsewhere } from './AlertElsewhere';
import { useFreshAlerts } from './alertEdges';
import type { PaneActions } from './Pane';
import { PaneGrid } from './PaneGrid';
import styles from './ScreenPage.module.css';
import { mayOverlap, stepped } from './tour';
import { useShowing, wantedOf } from './useShowing';
import { useTour } from './useTour';
import { useWakeLock } from './wakeLock';
import wallStyles from './WallPage.module.css';

const idleMs = 3000;
const nameMs = 5000;

export function ScreenPage() {
  const { t } = useT();
  const name = useParams().name ?? '';
  const session = useSession();
  const screen = useThisScreen(name, Boolean(session.data));
  const idle = useIdle(idleMs);
  const lineUp = useLineUp();
  const chromeless = useChromeless();
  useHub(); // the centre's time
  useWakeLock();
  useEffect(() => {
    document.title = name;
    const leave = () => leaveScreen(name);
    window.addEventListener('pagehide', leave);
    return () => window.removeEventListener('pagehide', leave);
  }, [name]);
  useKeys({ f: toggleChrome, Escape: bringChromeBack });

  if (session.isPending) return <Skeleton active style={{ padding: 48 }} />;
  if (session.isError) return <Failed error={session.error} onRetry={() => void session.refetch()} />;
  if (!session.data) return <SignInPage />;
  return (
    <main className={styles.screen} data-idle={idle} data-testid="screen" data-revision={screen.data?.revision}>
      {screen.data?.arrangement ? (
        <Filled screen={screen.data} arrangement={screen.data.arrangement} />
      ) : screen.data ? (
        <Notice icon="screens" title={name} hint={t('wall:screenWaits')} />
      ) : (
        screen.isError && <Failed error={screen.error} onRetry={() => void screen.refetch()} />
      )}
      <Name name={name} asked={screen.data?.identify_at ?? null} idle={idle} />
      {!lineUp && <p className={styles.lost}>{t('bar.lineLost')}</p>}
      {!chromeless && (
        <div className={`${wallStyles.float} ${wallStyles.corner}`} data-away={idle}>
          <button type="button" className={wallStyles.tool} onClick={toggleChrome} title={`${t('wall:fullScreen')} F`} aria-label={t('wall:fullScreen')}>
            <Icon name="full" />
          </button>
        </div>
      )}
    </main>
  );
}

function Filled({ screen, arrangement }: { screen: WallScreen; arrangement: NonNullable<WallScreen['arrangement']> }) {
  const { revision } = screen;
  const [round, setRound] = useState(0);
  const [stands, setStands] = useState({ revision, page: arrangement.group ?? 0, big: null as number | null });
  const { page, big } = stands.revision === revision ? stands : { page: arrangement.group ?? 0, big: null }; // filled anew
  const wanted = useMemo(() => ({ ...wantedOf(arrangement), page }), [arrangement, page]);
  const showing = useShowing(wanted, round);
  const fresh = useFreshAlerts();
  const turnTo = (next: number) => setStands({ revision, page: next, big: null });
  const step = (by: 1 | -1) => turnTo(stepped(showing.page, by, showing.groups));
  const tourOn = () => {
    if (showing.next <= showing.page) setRound(round + 1);
    turnTo(showing.next);
  };
  const running = useTour({ ...showing, layout: wanted.layout, dwellS: wanted.dwellS, held: big !== null, onStep: tourOn });
  const actions = useMemo<PaneActions>(
    () => ({ choose: () => {}, enlarge: (pane) => setStands({ revision, page, big: big === null ? pane : null }), change: null }),
    [revision, page, big],
  );
  useKeys({ '[': () => step(-1), ']': () => step(1), Escape: () => (big === null ? bringChromeBack() : setStands({ revision, page, big: null })) });

  const elsewhere = fresh.newestFirst.find(({ cameraId }) => !showing.slots.includes(cameraId) && showing.list.includes(cameraId));
  const camera = elsewhere && showing.byId.get(elsewhere.cameraId);
  return (
    <>
      <PaneGrid
        layout={wanted.layout}
        slots={showing.slots}
        byId={showing.byId}
        waiting={showing.cameras.isPending}
        ahead={running?.ahead ?? null}
        overlaps={mayOverlap(wanted.layout, screen.open_screens + 1)}
        edges={fresh.edges}
        chosen={null}
        big={big}
        actions={actions}
        whole={showing.cameras.isError && <Failed error={showing.cameras.error} onRetry={() => void showing.cameras.refetch()} />}
      />
      {elsewhere && camera && <AlertElsewhere key={elsewhere.id} alert={elsewhere} camera={camera} group={Math.floor(showing.list.indexOf(camera.id) / wanted.layout)} onJump={null} />}
    </>
  );
}

/** Large for a moment when the desk asks; small in the corner while somebody stirs. */
function Name({ name, asked, idle }: { name: string; asked: string | null; idle: boolean }) {
  const [large, setLarge] = useState(false);
  useEffect(() => {
    if (asked === null) return;
    setLarge(true);
    const timer = setTimeout(() => setLarge(false), nameMs);
    return () => clearTimeout(timer);
  }, [asked]);
  return (
    <p className={styles.name} data-large={large} data-away={idle && !large} data-testid="screen-name">
      {name}
    </p>
  );
}
