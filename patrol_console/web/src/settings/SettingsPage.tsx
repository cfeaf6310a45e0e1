/** What a person may set for this browser, who they are, and what this hub is. */
import { Segmented } from 'antd';
import { useT } from '../i18n/useT';
import { chooseLanguage, currentLanguage, type Language } from '../i18n';
import { useHub } from '../queries/hub';
import { useSession } from '../queries/session';
import { chooseTheme, useTheme } from '../theme/choice';
import type { ThemeName } from '../theme/tokens';
import { SettingsTabs } from './SettingsTabs';
import styles from './SettingsPage.module.css';

export function SettingsPage() {
  const { t } = useT();
  const theme = useTheme();
  const user = useSession().data?.user;
  const hub = useHub().data;
  return (
    <div className={styles.page}>
      <SettingsTabs />
      <section className={styles.part}>
        <h2>{t('settings.look')}</h2>
        <dl>
          <dt>{t('settings.theme')}</dt>
          <dd>
            <Segmented<ThemeName>
              value={theme}
              onChange={chooseTheme}
              options={[
                { value: 'dark', label: t('settings.dark') },
                { value: 'light', label: t('settings.light') },
              ]}
            />
          </dd>
          <dt>{t('settings.language')}</dt>
          <dd>
            <Segmented<Language>
              value={currentLanguage()}
              onChange={chooseLanguage}
              options={(['zh', 'en'] as const).map((value) => ({ value, label: languageNames[value] }))}
            />
          </dd>
        </dl>
      </section>
      {user && (
        <section className={styles.part}>
          <h2>{t('settings.me')}</h2>
          <dl>
            <dt>{t('settings.name')}</dt>
            <dd>{user.display_name}</dd>
            <dt>{t('settings.username')}</dt>
            <dd>{user.username}</dd>
            <dt>{t('settings.roles')}</dt>
            <dd>
              {user.roles.map((held) => (
                <div key={`${held.role}-${held.area_id}`}>{t('settings.rolesOn', { role: t(`words:role.${held.role}`), area: held.area_name })}</div>
              ))}
            </dd>
          </dl>
        </section>
      )}
      {hub && (
        <section className={styles.part}>
          <h2>{t('settings.hub')}</h2>
          <dl>
            <dt>{t('settings.centre')}</dt>
            <dd>{hub.centre_name}</dd>
            <dt>{t('settings.timezone')}</dt>
            <dd>{hub.timezone}</dd>
            <dt>{t('settings.version')}</dt>
            <dd>{hub.version}</dd>
          </dl>
        </section>
      )}
    </div>
  );
}

// A language is written in itself, whatever the page's own is.
const languageNames: Record<Language, string> = { zh: '\u4e2d\u6587', en: 'English' };
