/** What is known of a camera: its state with cause and since when, whose it is, where, and its stream. */
import type { ReactNode } from 'react';
import type { Camera } from '../api/nouns';
import { useT } from '../i18n/useT';
import { CameraStateMark } from '../shapes/CameraStateMark';
import { SeverityMark } from '../shapes/SeverityMark';
import { Moment } from '../time/Moment';
import { Tags } from './Tags';
import { causeText } from './causeText';
import styles from './CameraPage.module.css';

const codecNames: Record<string, string> = { h264: 'H.264', h265: 'H.265' };

export function CameraAbout({ camera }: { camera: Camera }) {
  const { t } = useT();
  const { facts } = camera;
  const about: [string, ReactNode][] = [
    [t('camera:state'), <CameraStateMark key="s" state={camera.state} />],
    [t('camera:cause'), causeText(camera)],
    [t('camera:col.since'), camera.since && <Moment at={camera.since} />],
    [t('camera:lastMedia'), camera.state !== 'online' && camera.last_media_at && <Moment at={camera.last_media_at} />],
    [t('camera:col.area'), camera.area_name],
    [t('camera:col.kind'), t(`words:cameraKind.${camera.kind}`)],
    [t('camera:unit'), camera.unit_name],
    [t('camera:place'), camera.place],
    [t('join:device.made'), [camera.device.manufacturer, camera.device.model].filter(Boolean).join(' ')],
    [t('join:device.firmware'), camera.device.firmware],
    [t('join:device.serial'), camera.device.serial],
    [t('camera:form.code'), camera.national_code],
    [t('camera:position'), camera.longitude !== null && camera.latitude !== null && `${camera.longitude}, ${camera.latitude}`],
    [t('camera:form.recordings'), camera.recordings],
    [t('camera:form.tags'), camera.tags.length > 0 && <Tags key="t" tags={camera.tags} />],
    [t('camera:importance'), <SeverityMark key="i" severity={camera.importance} />],
    [t('camera:watch'), camera.watch.mode === 'interval' ? t('camera:every', { count: camera.watch.every_min }) : t(`words:watchMode.${camera.watch.mode}`)],
    [t('camera:uplinks'), camera.uplinks.map((line) => line.name).join(t('camera:listSeparator'))],
    [t('camera:sound'), camera.audio && t('camera:soundOn')],
    [t('camera:address'), camera.url],
    [t('camera:account'), camera.username],
    [t('camera:form.consentFrom'), camera.consent_from && <Moment at={camera.consent_from} bare />],
    [t('camera:form.consentUntil'), camera.consent_until && <Moment at={camera.consent_until} bare />],
    [t('camera:masks.title'), camera.masks.length > 0 && t('camera:masks.count', { count: camera.masks.length })],
  ];
  const stream: [string, ReactNode][] = [
    [t('camera:codec'), facts.codec && (codecNames[facts.codec] ?? facts.codec)],
    [t('camera:resolution'), facts.width_px && facts.height_px && t('unit.pixels', { width: facts.width_px, height: facts.height_px })],
    [t('camera:frameRate'), facts.frame_rate && t('unit.frameRate', { value: round(facts.frame_rate) })],
    [t('camera:bitRate'), facts.bit_rate_kbps && t('unit.bitRate', { value: Math.round(facts.bit_rate_kbps) })],
    [t('camera:gop'), facts.gop_s && t('unit.seconds', { value: round(facts.gop_s) })],
  ];
  return (
    <>
      <Panel title={t('camera:about')} rows={about} />
      <Panel title={t('camera:facts')} rows={stream} />
    </>
  );
}

function Panel({ title, rows }: { title: string; rows: [string, ReactNode][] }) {
  const known = rows.filter(([, value]) => value);
  if (known.length === 0) return null;
  return (
    <section className={styles.panel}>
      <h2 className={styles.panelHead}>{title}</h2>
      <dl className={styles.facts}>
        {known.map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name}=`}>{value}</dd>])}
      </dl>
    </section>
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
