/** The camera's streams (码流): which is the main one, which is pulled and why; another can be, and it can be read anew. */
import { App, Button } from 'antd';
import type { Camera, Profile } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { useReadCamera } from '../queries/cameras';
import { Moment } from '../time/Moment';
import styles from './CameraPage.module.css';

const codecNames: Record<string, string> = { h264: 'H.264', h265: 'H.265', mjpeg: 'MJPEG', mpeg4: 'MPEG-4' };

export function ProfilesPanel({ camera, mayConfigure }: { camera: Camera; mayConfigure: boolean }) {
  const { t } = useT();
  const { message } = App.useApp();
  const read = useReadCamera(camera.id);
  const problem = camera.reading_problem;
  if (camera.profiles.length === 0 && !mayConfigure) return null;

  function ask(token: string | null): void {
    read.mutate(token, {
      onSuccess: () => void message.success(token === null ? t('join:profile.readDone') : t('join:profile.pulledDone')),
      onError: (error) => void message.error(sentenceOf(error), 8),
    });
  }

  return (
    <section className={styles.panel} data-testid="profiles">
      <div className={styles.panelHead}>
        <h2>{t('join:profile.title')}</h2>
        {mayConfigure && (
          <Button loading={read.isPending && read.variables === null} disabled={read.isPending} onClick={() => ask(null)} title={t('join:profile.readHint')} data-testid="camera-read">
            {t('join:profile.read')}
          </Button>
        )}
      </div>
      {problem && (
        <p className={styles.readProblem} role="alert">
          {t('join:profile.problem', { text: problem.text })} <Moment at={problem.at} />
        </p>
      )}
      {camera.profiles.length === 0 ? (
        !problem && <p className={styles.empty}>{t('join:profile.none')}</p>
      ) : (
        <ul className={styles.profiles}>
          {camera.profiles.map((profile) => (
            <li key={profile.token} data-pulled={profile.pulled} data-testid={`profile-${profile.token}`}>
              <span className={styles.profileRole}>{t(`words:streamRole.${profile.role}`)}</span>
              <span>
                {factsOf(profile, t)}
                <span className={styles.profileName} title={profile.url ?? undefined}>
                  {profile.name || profile.token}
                </span>
              </span>
              {profile.pulled ? (
                <span className={styles.pulled}>✓ {t('join:profile.pulled')}</span>
              ) : (
                mayConfigure &&
                profile.url && (
                  <Button size="small" loading={read.isPending && read.variables === profile.token} disabled={read.isPending} onClick={() => ask(profile.token)} data-testid={`pull-${profile.token}`}>
                    {t('join:profile.pull')}
                  </Button>
                )
              )}
              {profile.pulled && profile.why_text.length > 0 && <span className={styles.why}>{profile.why_text.join(t('join:profile.whyJoint'))}</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function factsOf(profile: Profile, t: ReturnType<typeof useT>['t']): string {
  const { codec, width_px, height_px, frame_rate, bit_rate_kbps } = profile;
  return [
    codec && (codecNames[codec] ?? codec),
    width_px && height_px && t('unit.pixels', { width: width_px, height: height_px }),
    frame_rate && t('unit.frameRate', { value: Math.round(frame_rate * 10) / 10 }),
    bit_rate_kbps && t('unit.bitRate', { value: Math.round(bit_rate_kbps) }),
  ]
    .filter(Boolean)
    .join(' · ');
}
