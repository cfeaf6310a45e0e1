/** The file of an import: the template, the export, how its positions are meant, and the choice itself. */
import { App, Button, Segmented } from 'antd';
import { useRef, useState } from 'react';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { exportFile, templateFile, type Coordinates } from '../queries/imports';
import { saveFile } from '../reports/saveFile';
import styles from './ImportPage.module.css';

interface Props {
  primary: boolean; // unless something else is to be done first
  busy: boolean;
  onChosen: (file: File, coordinates: Coordinates) => void;
}

export function ImportStart({ primary, busy, onChosen }: Props) {
  const { t } = useT();
  const { message } = App.useApp();
  const input = useRef<HTMLInputElement>(null);
  const [coordinates, setCoordinates] = useState<Coordinates>('wgs84');

  async function save(file: Promise<Blob>, name: string): Promise<void> {
    try {
      saveFile(await file, name);
    } catch (error) {
      void message.error(sentenceOf(error));
    }
  }

  return (
    <section className={styles.start}>
      <p className="quiet">{t('camera:import.intro')}</p>
      <div className={styles.tools}>
        <Button type={primary ? 'primary' : 'default'} loading={busy} onClick={() => input.current?.click()} data-testid="import-choose">
          {t('camera:import.choose')}
        </Button>
        <input
          ref={input}
          type="file"
          accept=".csv,.xlsx"
          className="visually-hidden"
          tabIndex={-1}
          aria-label={t('camera:import.choose')}
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = ''; // the same file may be chosen again once it is mended
            if (file) onChosen(file, coordinates);
          }}
          data-testid="import-file"
        />
        <label className={styles.labelled}>
          <span className="quiet">{t('camera:import.coordinates')}</span>
          <Segmented<Coordinates>
            value={coordinates}
            onChange={setCoordinates}
            options={[
              { value: 'wgs84', label: 'WGS84' },
              { value: 'gcj02', label: 'GCJ-02' },
            ]}
          />
        </label>
        <span className={styles.files}>
          <Button onClick={() => void save(templateFile('xlsx'), t('camera:import.templateName'))} data-testid="import-template">
            {t('camera:import.template')}
          </Button>
          <Button onClick={() => void save(exportFile('xlsx', null), t('camera:import.exportName'))} data-testid="camera-export">
            {t('camera:import.export')}
          </Button>
        </span>
      </div>
    </section>
  );
}
