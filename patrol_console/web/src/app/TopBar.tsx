/** The bar above: where we are, the page's tools, how it stands (line, cameras, alerts), the clock, language, me. */
import { Dropdown } from 'antd';
import { useT } from '../i18n/useT';
import { useNavigate } from 'react-router';
import type { Hub, User } from '../api/nouns';
import { useLineUp } from '../events/follow';
import { chooseLanguage } from '../i18n';
import { useAreas } from '../queries/areas';
import { useMay, useSignOut } from '../queries/session';
import { Icon } from '../shapes/Icon';
import { Clock } from './Clock';
import styles from './TopBar.module.css';
import { WaitingAlerts } from './WaitingAlerts';

interface Props {
  user: User;
  hub: Hub | undefined;
  slotRef: (element: HTMLElement | null) => void;
  onKeys: () => void;
}

export function TopBar({ user, hub, slotRef, onKeys }: Props) {
  const { t, i18n } = useT();
  const lineUp = useLineUp();
  const seesAlerts = useMay('alert.see');
  const navigate = useNavigate();
  const signOut = useSignOut();
  return (
    <header className={styles.bar}>
      <span className={styles.centre}>{hub?.centre_name}</span>
      {hub?.simulated && <span className={styles.simulated}>{t('bar.simulated')}</span>}
      <div className={styles.slot} ref={slotRef} />
      {!lineUp && (
        <span className={styles.lost} role="alert" data-testid="line-lost">
          {t('bar.lineLost')}
        </span>
      )}
      <Online />
      {seesAlerts && <WaitingAlerts />}
      <Clock />
      <button type="button" className={styles.button} aria-label={t('bar.keys')} title={`${t('bar.keys')} ?`} onClick={onKeys}>
        <Icon name="keys" />
      </button>
      <button
        type="button"
        className={styles.button}
        aria-label={t('bar.language')}
        data-testid="language"
        onClick={() => chooseLanguage(i18n.language === 'en' ? 'zh' : 'en')}
      >
        {t('bar.languageOther')}
      </button>
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            { key: 'settings', label: t('rail.settings'), onClick: () => void navigate('/settings') },
            { key: 'out', label: <span data-testid="sign-out">{t('bar.signOut')}</span>, onClick: () => signOut.mutate() },
          ],
        }}
      >
        <button type="button" className={styles.button} aria-label={t('bar.account')} data-testid="account">
          <Icon name="person" />
          <span>{user.display_name}</span>
        </button>
      </Dropdown>
    </header>
  );
}

function Online() {
  const { t } = useT();
  const areas = useAreas();
  const roots = areas.data?.filter((area) => !areas.data.some((other) => other.id === area.parent_id));
  if (!roots?.length) return null;
  const online = roots.reduce((sum, area) => sum + area.online, 0);
  const all = roots.reduce((sum, area) => sum + area.cameras, 0);
  return (
    <span className={styles.online} title={t('bar.onlineTitle', { online, all })} data-testid="online">
      <svg width="8" height="8" viewBox="0 0 8 8" aria-hidden="true">
        <circle cx="4" cy="4" r="4" fill={online === all ? 'var(--good)' : 'var(--orange)'} />
      </svg>
      {online}/{all} {t('bar.online')}
    </span>
  );
}
