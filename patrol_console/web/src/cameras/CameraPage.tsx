/** One camera: its picture with zones and masks, its state and stream, its rules, what a test says, who looked. */
import { Skeleton } from 'antd';
import { useParams } from 'react-router';
import { Problem } from '../api/problem';
import { useT } from '../i18n/useT';
import { useCamera } from '../queries/cameras';
import { useMay } from '../queries/session';
import { Failed, Notice } from '../shapes/Notice';
import { CameraAbout } from './CameraAbout';
import { CameraActions } from './CameraActions';
import styles from './CameraPage.module.css';
import { OutageNotice } from './OutageNotice';
import { ProfilesPanel } from './ProfilesPanel';
import { RecordPanel } from './RecordPanel';
import { RulesPanel } from './RulesPanel';
import { StatesPanel } from './StatesPanel';
import { TestPanel } from './TestPanel';
import { ViewingsPanel } from './ViewingsPanel';
import { ZonePicture } from './ZonePicture';

export function CameraPage() {
  const { t } = useT();
  const { cameraId = '' } = useParams();
  const query = useCamera(cameraId);
  const mayConfigure = useMay('camera.configure');
  const mayTest = useMay('camera.test');
  const seesRegister = useMay('register.see');

  if (query.isPending) return <Skeleton active className={styles.skeleton} paragraph={{ rows: 12 }} />;
  if (query.isError) {
    if (query.error instanceof Problem && [403, 404].includes(query.error.status)) return <Notice icon="search" title={t('camera:notFound')} />;
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  const camera = query.data;
  return (
    <div className={styles.page} data-testid="camera-page" data-camera-id={camera.id} data-state={camera.state}>
      <CameraActions camera={camera} mayConfigure={mayConfigure} />
      <div className={styles.main}>
        {camera.outage_id && <OutageNotice outageId={camera.outage_id} />}
        <ZonePicture key={camera.id} camera={camera} mayConfigure={mayConfigure} />
        <StatesPanel cameraId={camera.id} />
        <RecordPanel key={`record ${camera.id}`} cameraId={camera.id} mayConfigure={mayConfigure} />
        {seesRegister && <ViewingsPanel cameraId={camera.id} />}
      </div>
      <div className={styles.side}>
        <CameraAbout camera={camera} />
        <ProfilesPanel key={`profiles ${camera.id}`} camera={camera} mayConfigure={mayConfigure} />
        <RulesPanel camera={camera} mayConfigure={mayConfigure} />
        {mayTest && <TestPanel key={camera.id} cameraId={camera.id} />}
      </div>
    </div>
  );
}
