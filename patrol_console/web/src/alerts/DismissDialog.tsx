/** Why an alert is none: one of the usual reasons, or words of one's own. Without a reason nothing is dismissed. */
import { Button, Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import { useT } from '../i18n/useT';
import styles from './DismissDialog.module.css';

const reasons = ['authorised', 'animal', 'light', 'shake', 'zone', 'other'] as const;
type Reason = (typeof reasons)[number];

interface Props {
  open: boolean;
  busy: boolean;
  onClose: () => void;
  onDismiss: (reason: string) => void;
}

export function DismissDialog({ open, busy, onClose, onDismiss }: Props) {
  const { t } = useT();
  const [reason, setReason] = useState<Reason | null>(null);
  const [note, setNote] = useState('');
  const ready = (reason !== null && reason !== 'other') || note.trim().length >= 2;

  function dismiss(): void {
    if (!ready || busy) return;
    const said = reason && reason !== 'other' ? t(`alert:reason.${reason}`) : '';
    onDismiss([said, note.trim()].filter(Boolean).join(' · '));
  }

  return (
    <Modal
      open={open}
      title={t('alert:dismissTitle')}
      onCancel={onClose}
      afterClose={() => {
        setReason(null);
        setNote('');
      }}
      destroyOnHidden
      width={440}
      footer={[
        <Button key="cancel" onClick={onClose}>
          {t('do.cancel')}
        </Button>,
        <Button key="do" type="primary" disabled={!ready} loading={busy} onClick={dismiss} data-testid="dismiss-confirm">
          {t('alert:dismissDo')}
        </Button>,
      ]}
    >
      <Radio.Group
        className={styles.reasons}
        value={reason}
        onChange={(event) => setReason(event.target.value as Reason)}
        aria-label={t('alert:dismissReason')}
        options={reasons.map((value) => ({ value, label: <span data-testid={`reason-${value}`}>{t(`alert:reason.${value}`)}</span> }))}
      />
      <Input.TextArea
        value={note}
        onChange={(event) => setNote(event.target.value)}
        onPressEnter={(event) => (event.ctrlKey || event.metaKey) && dismiss()}
        placeholder={t('alert:dismissOther')}
        aria-label={t('alert:dismissOther')}
        maxLength={400}
        autoSize={{ minRows: 2, maxRows: 5 }}
        data-testid="dismiss-note"
      />
      {!ready && <p className={styles.needed}>{t('alert:dismissNeeded')}</p>}
    </Modal>
  );
}
