/** The frame: rail on the left, bar above, the page within; or the sign-in, when nobody is signed in. */
import { Skeleton } from 'antd';
import { Suspense, useState } from 'react';
import { Outlet } from 'react-router';
import { useHub } from '../queries/hub';
import { useSession } from '../queries/session';
import { SignInPage } from '../session/SignInPage';
import { Failed } from '../shapes/Notice';
import { BarSlot } from './barSlot';
import { KeysDialog } from './KeysDialog';
import { Rail } from './Rail';
import styles from './Shell.module.css';
import { TopBar } from './TopBar';
import { useChromeless } from './chrome';
import { useKeys } from './useKeys';

export function Shell() {
  const session = useSession();
  const hub = useHub();
  const chromeless = useChromeless();
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  const [keysShown, showKeys] = useState(false);
  useKeys({ '?': () => showKeys(true) });

  if (session.isPending) return <Skeleton active style={{ padding: 48 }} />;
  if (session.isError) return <Failed error={session.error} onRetry={() => void session.refetch()} />;
  if (!session.data) return <SignInPage />;
  return (
    <BarSlot.Provider value={slot}>
      <div className={styles.shell} data-chromeless={chromeless}>
        <Rail />
        <TopBar user={session.data.user} hub={hub.data} slotRef={setSlot} onKeys={() => showKeys(true)} />
        <main className={styles.main}>
          <Suspense fallback={<Skeleton active style={{ padding: 24 }} />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <KeysDialog open={keysShown} onClose={() => showKeys(false)} />
    </BarSlot.Provider>
  );
}
