/** The columns of the camera table: name, state with its cause, since when, where, whose, what stream, open alerts. */
import type { TableColumnsType } from 'antd';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { cameraStates, type Camera } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useMay } from '../queries/session';
import { CameraStateMark } from '../shapes/CameraStateMark';
import { Moment } from '../time/Moment';
import { Tags } from './Tags';
import { causeText } from './causeText';
import styles from './CameraTablePage.module.css';

export function useCameraColumns(): TableColumnsType<Camera> {
  const { t } = useT();
  const seesAlerts = useMay('alert.see');
  return useMemo(
    () => [
      {
        title: t('camera:col.name'),
        dataIndex: 'name',
        width: 210,
        sorter: (a, b) => a.name.localeCompare(b.name, 'zh'),
        render: (name: string, camera) => (
          <Link to={`/cameras/${camera.id}`} style={{ color: 'inherit', fontWeight: 500 }} data-testid={`camera-row-${camera.id}`}>
            {name}
            {camera.tags.length > 0 && (
              <>
                {' '}
                <Tags tags={camera.tags} few />
              </>
            )}
            {camera.simulated && <span className="quiet"> · {t('bar.simulated')}</span>}
          </Link>
        ),
      },
      {
        title: t('camera:col.state'),
        width: 300,
        sorter: (a, b) => cameraStates.indexOf(a.state) - cameraStates.indexOf(b.state),
        render: (_, camera) => (
          <span className={styles.state} data-state={camera.state}>
            <CameraStateMark state={camera.state} />
            <span className={styles.cause} title={causeText(camera) ?? undefined}>
              {causeText(camera)}
            </span>
          </span>
        ),
      },
      {
        title: t('camera:col.since'),
        width: 200,
        sorter: (a, b) => (a.since ?? '').localeCompare(b.since ?? ''),
        render: (_, camera) => camera.since && <Moment at={camera.since} />,
      },
      { title: t('camera:col.area'), dataIndex: 'area_name', width: 130 },
      { title: t('camera:col.kind'), dataIndex: 'kind', width: 100, render: (kind: Camera['kind']) => t(`words:cameraKind.${kind}`) },
      {
        title: t('camera:col.stream'),
        width: 190,
        render: (_, { facts }) =>
          facts.width_px &&
          facts.height_px && (
            <span className="quiet">
              {t('unit.pixels', { width: facts.width_px, height: facts.height_px })}
              {facts.frame_rate && ` · ${t('unit.frameRate', { value: Math.round(facts.frame_rate) })}`}
            </span>
          ),
      },
      {
        title: t('camera:col.alerts'),
        hidden: !seesAlerts,
        dataIndex: 'open_alerts',
        width: 100,
        align: 'right',
        render: (count: number) => (count > 0 ? count : <span className="quiet">0</span>),
      },
    ],
    [t, seesAlerts],
  );
}
