/** Choosing a camera's position: on a plan of the cameras around it, or typed; WGS 84 degrees either way. */
import { InputNumber, Modal } from 'antd';
import { useMemo, useState } from 'react';
import { useT } from '../i18n/useT';
import { Plan, type Place } from './Plan';
import styles from './Plan.module.css';
import type { Position } from './projection';

interface Props {
  open: boolean;
  name: string;
  places: readonly Place[];
  position: Position | null;
  onClose: () => void;
  onChosen: (position: Position) => void;
}

export function PositionDialog({ open, name, places, position, onClose, onChosen }: Props) {
  const { t } = useT();
  const [longitude, setLongitude] = useState<number | null>(position?.longitude ?? null);
  const [latitude, setLatitude] = useState<number | null>(position?.latitude ?? null);
  const chosen = useMemo(() => (longitude === null || latitude === null ? null : { longitude, latitude }), [longitude, latitude]);
  const drawn = places.length > 0 || chosen !== null;

  function choose(at: Position): void {
    setLongitude(at.longitude);
    setLatitude(at.latitude);
  }

  return (
    <Modal
      open={open}
      title={name ? t('join:plan.titleOf', { name }) : t('join:plan.title')}
      okText={t('join:plan.take')}
      cancelText={t('do.cancel')}
      okButtonProps={{ disabled: chosen === null, 'data-testid': 'plan-take' } as never}
      onOk={() => chosen && onChosen(chosen)}
      onCancel={onClose}
      width={960}
      style={{ top: 40 }}
      destroyOnHidden
    >
      <div className={styles.dialog}>
        <p className="quiet">{drawn ? t('join:plan.hint', { count: places.filter(({ near }) => near).length }) : t('join:plan.noneHint')}</p>
        {drawn ? (
          <Plan places={places} chosen={chosen} onChoose={choose} />
        ) : (
          <div className={styles.empty}>
            <b>{t('join:plan.none')}</b>
            <span className="quiet">{t('join:plan.noneHint')}</span>
          </div>
        )}
        <div className={styles.typed}>
          <label>
            {t('camera:form.longitude')}
            <InputNumber min={-180} max={180} step={0.0001} controls={false} value={longitude} onChange={setLongitude} style={{ width: 150 }} data-testid="plan-longitude" />
          </label>
          <label>
            {t('camera:form.latitude')}
            <InputNumber min={-90} max={90} step={0.0001} controls={false} value={latitude} onChange={setLatitude} style={{ width: 150 }} data-testid="plan-latitude" />
          </label>
          <span className="quiet">{t('join:plan.datum')}</span>
        </div>
      </div>
    </Modal>
  );
}
