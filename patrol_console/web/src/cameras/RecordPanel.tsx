/** 一机一档: what was found of the camera, what was done to it, what it reported; one kind at a time. */
import { Segmented, Skeleton } from 'antd';
import { useState } from 'react';
import { useT } from '../i18n/useT';
import { useRecord } from '../queries/record';
import { Failed } from '../shapes/Notice';
import styles from './CameraPage.module.css';
import { DeviceEvents } from './DeviceEvents';
import { Examinations } from './Examinations';
import { Faults } from './Faults';
import { Repairs } from './Repairs';

type Kind = 'faults' | 'repairs' | 'examinations' | 'events';

export function RecordPanel({ cameraId, mayConfigure }: { cameraId: string; mayConfigure: boolean }) {
  const { t } = useT();
  const record = useRecord(cameraId);
  const [kind, setKind] = useState<Kind>('faults');
  const found = record.data;
  const kinds: { value: Kind; label: string }[] = [
    { value: 'faults', label: t('camera:record.faults') },
    { value: 'repairs', label: t('camera:record.repairs') },
    ...(found?.examinations ? [{ value: 'examinations' as const, label: t('camera:record.examinations') }] : []),
    { value: 'events', label: t('camera:record.events') },
  ];
  return (
    <section className={styles.panel} data-testid="record">
      <div className={styles.panelHead}>
        <h2>{t('camera:record.title')}</h2>
        <Segmented<Kind> aria-label={t('camera:record.title')} value={kind} onChange={setKind} options={kinds} data-testid="record-kinds" />
      </div>
      {record.isPending ? (
        <Skeleton active title={false} paragraph={{ rows: 3 }} />
      ) : record.isError ? (
        <Failed error={record.error} onRetry={() => void record.refetch()} />
      ) : kind === 'faults' ? (
        <Faults faults={record.data.faults} />
      ) : kind === 'repairs' ? (
        <Repairs cameraId={cameraId} repairs={record.data.repairs} mayWrite={mayConfigure} />
      ) : kind === 'examinations' ? (
        <Examinations examinations={record.data.examinations ?? []} />
      ) : (
        <DeviceEvents events={record.data.events} />
      )}
    </section>
  );
}
