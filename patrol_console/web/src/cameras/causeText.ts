/** Why a camera is in its state, in few words; of one that waits also for which line. */
import i18n from '../i18n';
import type { Camera } from '../api/nouns';

export function causeText(camera: Pick<Camera, 'cause' | 'uplinks'>): string | null {
  if (camera.cause === 'none' || camera.cause === 'disabled') return null;
  const cause = i18n.t(`words:cause.${camera.cause}`);
  if (camera.cause !== 'waiting' || camera.uplinks.length === 0) return cause;
  return i18n.t('camera:waitsFor', { cause, lines: camera.uplinks.map((line) => line.name).join(i18n.t('camera:listSeparator')) });
}
