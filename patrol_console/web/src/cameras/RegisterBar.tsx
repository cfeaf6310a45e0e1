/** Where the chosen devices go and by which login they are read; typed once for all of them, kept nowhere. */
import { Button, Input, Select } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { cameraKinds, type CameraKind } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useAreas } from '../queries/areas';
import { recall, remember } from '../app/memory';
import styles from './DiscoveryPage.module.css';
import { countsOf, type Candidate } from './registering';
import type { RegisteringRun } from './useRegistering';

const kept = 'discovery area';

export function RegisterBar({ candidates, run }: { candidates: Candidate[]; run: RegisteringRun }) {
  const { t } = useT();
  const areas = useAreas().data ?? [];
  const [area, setArea] = useState<string | null>(recall(kept));
  const [username, setUsername] = useState('admin');
  const [password, setPassword] = useState('');
  const [kind, setKind] = useState<CameraKind>('public');
  const known = areas.some(({ id }) => id === area) ? area : (areas[0]?.id ?? null);
  const counts = countsOf(run.outcomes.values());
  const waiting = candidates.filter(({ address }) => run.outcomes.get(address)?.state !== 'done');

  function go(): void {
    if (known === null) return;
    remember(kept, known);
    run.start(waiting, { area_id: known, username: username.trim() || null, password: password || null, kind });
  }

  return (
    <form
      className={styles.register}
      onSubmit={(event) => {
        event.preventDefault();
        if (waiting.length > 0 && !run.running) go();
      }}
      aria-label={t('join:register.title')}
    >
      <span className={styles.count}>{t('join:register.chosen', { count: candidates.length })}</span>
      <label className={styles.field}>
        <span>{t('camera:form.area')}</span>
        <Select value={known} onChange={setArea} options={areas.map(({ id, name, level }) => ({ value: id, label: `${'\u3000'.repeat(level)}${name}` }))} popupMatchSelectWidth={false} data-testid="register-area" />
      </label>
      <label className={styles.field}>
        <span>{t('join:register.username')}</span>
        <Input value={username} onChange={(event) => setUsername(event.target.value)} autoComplete="off" spellCheck={false} maxLength={128} data-testid="register-username" />
      </label>
      <label className={styles.field}>
        <span>{t('join:register.password')}</span>
        <Input.Password value={password} onChange={(event) => setPassword(event.target.value)} autoComplete="new-password" maxLength={256} data-testid="register-password" />
      </label>
      <label className={styles.field} style={{ width: 120 }}>
        <span>{t('camera:form.kind')}</span>
        <Select value={kind} onChange={setKind} options={cameraKinds.map((value) => ({ value, label: t(`words:cameraKind.${value}`) }))} data-testid="register-kind" />
      </label>
      {run.running ? (
        <Button onClick={run.stop} data-testid="register-stop">
          {t('join:register.stop')}
        </Button>
      ) : (
        <Button type="primary" htmlType="submit" disabled={waiting.length === 0 || known === null} data-testid="register-go">
          {waiting.length > 0 ? t('join:register.go', { count: waiting.length }) : t('join:register.none')}
        </Button>
      )}
      {counts.all > 0 && (
        <span className={styles.outcome} role="status" data-testid="register-said">
          {run.running ? t('join:register.running', { done: counts.done + counts.failed, all: counts.all }) : t('join:register.done', { done: counts.done, failed: counts.failed })}
          {!run.running && counts.done > 0 && <Link to="/cameras">{t('join:register.look')}</Link>}
        </span>
      )}
    </form>
  );
}
