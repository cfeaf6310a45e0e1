/** The parts of the settings, for those who may see more than their own. */
import { NavLink } from 'react-router';
import { useT } from '../i18n/useT';
import { useMay } from '../queries/session';
import styles from './SettingsPage.module.css';

export function SettingsTabs() {
  const { t } = useT();
  const seesMachine = useMay('machine.see');
  const configures = useMay('camera.configure');
  if (!seesMachine && !configures) return <h1>{t('settings.title')}</h1>;
  return (
    <nav className={styles.tabs} aria-label={t('settings.title')}>
      <NavLink to="/settings" end data-testid="settings-mine">
        {t('settings.general')}
      </NavLink>
      {configures && (
        <NavLink to="/settings/uplinks" data-testid="settings-uplinks">
          {t('uplink:title')}
        </NavLink>
      )}
      {configures && (
        <NavLink to="/settings/shares" data-testid="settings-shares">
          {t('share:title')}
        </NavLink>
      )}
      {seesMachine && (
        <NavLink to="/settings/machine" data-testid="settings-machine">
          {t('machine:title')}
        </NavLink>
      )}
    </nav>
  );
}
