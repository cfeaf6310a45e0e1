/** One's own imports: the one that goes on and those before, so that what was left is found again. */
import type { CameraImport } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useImports } from '../queries/imports';
import { Moment } from '../time/Moment';
import styles from './ImportPage.module.css';

interface Props {
  chosen: string | null;
  onChoose: (id: string) => void;
}

export function ImportHistory({ chosen, onChoose }: Props) {
  const { t } = useT();
  const imports = useImports().data ?? [];
  if (imports.length === 0) return null;
  return (
    <section className={styles.history}>
      <h2>{t('camera:import.history')}</h2>
      <ul data-testid="import-history">
        {imports.map((each) => (
          <li key={each.id}>
            <button type="button" aria-current={each.id === chosen} onClick={() => onChoose(each.id)}>
              <span className={styles.file}>{each.file_name}</span>
              <span>{each.dry_run ? t('camera:import.dry') : t(`words:importState.${each.state}`)}</span>
              <span className="quiet">{summary(each)}</span>
              <span className="quiet">
                <Moment at={each.began_at} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );

  function summary({ counts }: CameraImport): string {
    return t('camera:import.summary', { ...counts });
  }
}
