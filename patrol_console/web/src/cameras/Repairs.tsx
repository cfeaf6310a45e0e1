/** What was done to a camera, by the cure or by hand; those who may configure it note what they did. */
import { Button, Input } from 'antd';
import { useState } from 'react';
import type { Repair } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { useNoteRepair } from '../queries/record';
import { Moment } from '../time/Moment';
import styles from './Record.module.css';

interface Props {
  cameraId: string;
  repairs: Repair[];
  mayWrite: boolean;
}

export function Repairs({ cameraId, repairs, mayWrite }: Props) {
  const { t } = useT();
  return (
    <>
      {mayWrite && <Note cameraId={cameraId} />}
      {repairs.length === 0 && <p className="quiet">{t('camera:record.noRepairs')}</p>}
      <ul className={styles.entries} data-testid="repairs">
        {repairs.map((repair) => (
          <li key={repair.id}>
            <span className={styles.when}>
              <Moment at={repair.at} />
            </span>
            <span className={styles.what}>
              {t(`words:repair.${repair.kind}`)} · {repair.user_name}
            </span>
            {repair.note && <p className={styles.note}>{repair.note}</p>}
            {repair.changes.map((change) => (
              <p key={change.setting} className={styles.note}>
                {change.setting}: {change.before ?? '–'} → {change.after ?? '–'}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </>
  );
}

function Note({ cameraId }: { cameraId: string }) {
  const { t } = useT();
  const note = useNoteRepair(cameraId);
  const [text, setText] = useState('');
  const empty = text.trim() === '';
  return (
    <form
      className={styles.write}
      onSubmit={(event) => {
        event.preventDefault();
        if (!empty) note.mutate(text.trim(), { onSuccess: () => setText('') });
      }}
    >
      <Input.TextArea
        value={text}
        onChange={(event) => setText(event.target.value)}
        autoSize={{ minRows: 1, maxRows: 4 }}
        maxLength={500}
        aria-label={t('camera:record.note')}
        placeholder={t('camera:record.noteHint')}
        data-testid="repair-note"
      />
      <Button htmlType="submit" disabled={empty} loading={note.isPending} data-testid="repair-save">
        {t('camera:record.note')}
      </Button>
      {note.isError && <p role="alert">{sentenceOf(note.error)}</p>}
    </form>
  );
}
