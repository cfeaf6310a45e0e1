/** The camera's name in the bar, the way back, and what those who may can do to it. */
import { App, Button } from 'antd';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import type { Camera } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { BarTools } from '../app/barSlot';
import { useT } from '../i18n/useT';
import { useRemoveCamera } from '../queries/cameras';
import { CameraStateMark } from '../shapes/CameraStateMark';
import { Icon } from '../shapes/Icon';
import { CameraFormDialog } from './CameraFormDialog';
import styles from './CameraPage.module.css';

export function CameraActions({ camera, mayConfigure }: { camera: Camera; mayConfigure: boolean }) {
  const { t } = useT();
  const { message, modal } = App.useApp();
  const navigate = useNavigate();
  const remove = useRemoveCamera();
  const [editing, setEditing] = useState(false);

  function confirmRemoval(): void {
    void modal.confirm({
      title: t('camera:removeTitle', { name: camera.name }),
      content: t('camera:removeText'),
      icon: null,
      okText: t('camera:removeDo'),
      okButtonProps: { danger: true, 'data-testid': 'camera-remove-confirm' } as never,
      cancelText: t('do.cancel'),
      autoFocusButton: 'cancel',
      onOk: () =>
        remove.mutateAsync(camera.id).then(
          () => {
            void message.success(t('camera:removed', { name: camera.name }));
            void navigate('/cameras');
          },
          (error: unknown) => void message.error(sentenceOf(error)),
        ),
    });
  }

  return (
    <>
      <BarTools>
        <span className={styles.title}>
          <Link to="/cameras" className={styles.back}>
            <Icon name="left" size={16} />
            {t('camera:title')}
          </Link>
          <span className={styles.named} title={camera.name}>
            {camera.name}
          </span>
          <CameraStateMark state={camera.state} />
        </span>
        {mayConfigure && (
          <span style={{ marginLeft: 'auto', display: 'inline-flex', gap: 4 }}>
            <Button type="text" icon={<Icon name="pen" />} onClick={() => setEditing(true)} data-testid="camera-edit">
              {t('camera:edit')}
            </Button>
            <Button type="text" icon={<Icon name="trash" />} onClick={confirmRemoval} data-testid="camera-remove">
              {t('camera:remove')}
            </Button>
          </span>
        )}
      </BarTools>
      <CameraFormDialog open={editing} camera={camera} onClose={() => setEditing(false)} onSaved={() => void message.success(t('camera:saved'))} />
    </>
  );
}
