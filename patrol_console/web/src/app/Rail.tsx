/** The left rail: only pages that exist and that this person may see. */
import { useT } from '../i18n/useT';
import { NavLink } from 'react-router';
import { useMay } from '../queries/session';
import { Icon } from '../shapes/Icon';
import styles from './Rail.module.css';

export function Rail() {
  const { t } = useT();
  const seesAlerts = useMay('alert.see');
  const pages = [
    { to: '/wall', name: 'wall' },
    ...(seesAlerts ? [{ to: '/alerts', name: 'alerts' } as const] : []),
    { to: '/cameras', name: 'cameras' },
    { to: '/reports', name: 'reports' },
    { to: '/settings', name: 'settings' },
  ] as const;
  return (
    <nav className={styles.rail} aria-label={t('rail.label')}>
      <img className={styles.mark} src="/mark.svg" alt={t('name')} width={28} height={28} />
      {pages.map(({ to, name }) => (
        <NavLink key={to} to={to} className={styles.entry} data-testid={`rail-${name}`}>
          <Icon name={name} size={20} />
          <span>{t(`rail.${name}`)}</span>
        </NavLink>
      ))}
    </nav>
  );
}
