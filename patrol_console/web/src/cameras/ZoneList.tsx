/** The zones by name: choose one to edit its corners, rename it, delete it (which can be undone). */
import { Button, Input } from 'antd';
import type { Dispatch } from 'react';
import type { Rule } from '../api/nouns';
import { useT } from '../i18n/useT';
import { Icon } from '../shapes/Icon';
import type { Edit, Editing } from './zoneEditing';
import styles from './ZonePicture.module.css';

interface Props {
  editing: Editing;
  rules: readonly Rule[];
  edit: Dispatch<Edit>;
}

export function ZoneList({ editing, rules, edit }: Props) {
  const { t } = useT();
  if (editing.zones.length === 0) return <p className={styles.note}>{t('camera:zones.noneHint')}</p>;
  return (
    <ul className={styles.list}>
      {editing.zones.map((zone, i) => {
        const user = rules.find((rule) => rule.zone_id === zone.zoneId);
        const reason = user ? t('camera:zones.usedBy', { rule: user.name }) : t('camera:zones.delete', { name: zone.name });
        return (
          <li key={zone.zoneId ?? `new-${i}`} data-selected={editing.selected === i}>
            <Button type="text" icon={<Icon name="pen" />} aria-label={t('camera:zones.select', { name: zone.name })} aria-pressed={editing.selected === i} onClick={() => edit({ do: 'select', zone: editing.selected === i ? null : i })} data-testid={`zone-select-${i}`} />
            <Input
              value={zone.name}
              maxLength={64}
              aria-label={t('camera:zones.nameOf')}
              autoFocus={zone.zoneId === null && editing.selected === i} // just drawn: its name is what comes next
              onFocus={(event) => {
                edit({ do: 'select', zone: i });
                if (zone.zoneId === null) event.target.select();
              }}
              onChange={(event) => edit({ do: 'rename', zone: i, name: event.target.value })}
              data-testid={`zone-name-${i}`}
            />
            <span title={reason}>
              <Button type="text" icon={<Icon name="trash" />} aria-label={reason} disabled={user !== undefined} onClick={() => edit({ do: 'delete', zone: i })} data-testid={`zone-delete-${i}`} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
