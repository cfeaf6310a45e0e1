/** What lies over a picture that is not live: one plain sentence, and what is known beside it. */
import type { Camera } from '../api/nouns';
import { useT } from '../i18n/useT';
import type { PlayerState } from '../player/state';
import { Icon, type IconName } from '../shapes/Icon';
import { agoText, durationText, momentText, useNow } from '../time/centre';
import styles from './LiveView.module.css';

export function Veil({ state, camera }: { state: PlayerState; camera: Camera }) {
  const { t } = useT();
  switch (state.kind) {
    case 'live':
      return null;
    case 'connecting':
      return camera.state === 'offline' ? (
        <Offline camera={camera} />
      ) : (
        <>
          <div className={styles.skeleton} />
          <Words title={t('wall:connecting')} light />
        </>
      );
    case 'stale':
      return <Stopped since={state.since} reconnecting={state.reconnecting} />;
    case 'offline':
      return <Offline camera={camera} />;
    case 'refused':
      return <Refused state={state} />;
    case 'ended':
      return state.reason === 'resting' ? (
        <Words icon="pause" title={t('wall:resting')} />
      ) : (
        <Words icon="off" title={t('wall:unsupported', { codec: state.codec })} />
      );
  }
}

function Stopped({ since, reconnecting }: { since: number; reconnecting: boolean }) {
  const { t } = useT();
  useNow(); // renews each second; the count is by this computer's clock, as `since` is
  const seconds = Math.max(0, Math.round((Date.now() - since) / 1000));
  const title = seconds < 120 ? t('wall:still', { seconds }) : t('wall:stillLong', { time: durationText(seconds) });
  return <Words icon="pause" title={title} more={reconnecting ? t('wall:reconnecting') : undefined} />;
}

function Offline({ camera }: { camera: Camera }) {
  const { t } = useT();
  const now = useNow();
  const since = camera.since ? `${momentText(camera.since, now)} · ${agoText(camera.since, now)}` : '';
  const known = camera.state !== 'online' && camera.cause !== 'none';
  return (
    <Words
      icon="off"
      title={known ? t(`words:cameraState.${camera.state}`) : t('wall:offline')}
      more={known ? t(`words:cause.${camera.cause}`) : undefined}
      also={known && since ? t('wall:since', { since }) : undefined}
    />
  );
}

function Refused({ state }: { state: Extract<PlayerState, { kind: 'refused' }> }) {
  const { t } = useT();
  switch (state.code) {
    case 'no_consent':
      return <Words icon="lock" title={t('wall:noConsent')} more={t('wall:noConsentHint')} />;
    case 'live_off':
      return <Words icon="lock" title={t('wall:liveOff')} more={t('wall:liveOffHint')} />;
    case 'camera_removed':
      return <Words icon="off" title={t('wall:removed')} />;
    case 'revoked':
      return <Words icon="lock" title={t('wall:revoked')} more={state.detail ?? undefined} />;
    case 'limit':
      return <Words icon="pause" title={t('wall:full')} more={t('wall:fullHint')} />;
    case 'transcode_limit':
      return <Words icon="pause" title={t('wall:transcodeFull')} more={t('wall:transcodeFullHint')} />;
    case 'uplink_full':
      return <Words icon="pause" title={t('wall:lineFull')} more={t('wall:lineFullHint')} />;
    case 'forbidden':
      return <Words icon="lock" title={t('wall:refused')} more={state.detail ?? undefined} />;
  }
}

interface WordsProps {
  icon?: IconName;
  title: string;
  more?: string;
  also?: string;
  light?: boolean;
}

export function Words({ icon, title, more, also, light = false }: WordsProps) {
  return (
    <div className={styles.veil} data-testid="veil">
      {icon && <Icon name={icon} size={22} />}
      <span className={light ? styles.more : styles.title}>{title}</span>
      {more && <span className={styles.more}>{more}</span>}
      {also && <span className={styles.more}>{also}</span>}
    </div>
  );
}
