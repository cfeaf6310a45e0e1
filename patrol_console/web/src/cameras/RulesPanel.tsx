/** The rules of a camera as sentences; those who may can add, change and delete them (deleting can be undone). */
import { App, Button } from 'antd';
import { useState } from 'react';
import type { Camera, Rule } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { wordFor } from '../i18n';
import { useT } from '../i18n/useT';
import { useSaveRules } from '../queries/cameras';
import { Icon } from '../shapes/Icon';
import { SeverityMark } from '../shapes/SeverityMark';
import styles from './CameraPage.module.css';
import { RuleDialog } from './RuleDialog';

export function RulesPanel({ camera, mayConfigure }: { camera: Camera; mayConfigure: boolean }) {
  const { t } = useT();
  const { message } = App.useApp();
  const save = useSaveRules(camera.id);
  const [edited, setEdited] = useState<Rule | 'new' | null>(null);

  function write(rules: Rule[], done: () => void): void {
    save.mutate(rules, { onSuccess: done, onError: (error) => void message.error(sentenceOf(error)) });
  }

  function remove(rule: Rule): void {
    const before = camera.rules;
    const said = `rule-${rule.rule_id}`;
    write(
      before.filter((each) => each.rule_id !== rule.rule_id),
      () =>
        void message.open({
          key: said,
          type: 'info',
          duration: 8,
          content: (
            <>
              {t('camera:rules.deleted', { name: rule.name })}
              <Button type="link" size="small" onClick={() => write(before, () => message.destroy(said))}>
                {t('do.undo')}
              </Button>
            </>
          ),
        }),
    );
  }

  return (
    <section className={styles.panel} data-testid="rules">
      <div className={styles.panelHead}>
        <h2>{t('camera:rules.title')}</h2>
        {mayConfigure && camera.zones.length > 0 && (
          <Button icon={<Icon name="plus" size={16} />} onClick={() => setEdited('new')} data-testid="rule-add">
            {t('camera:rules.add')}
          </Button>
        )}
      </div>
      {camera.rules.length === 0 && <p className={styles.empty}>{camera.zones.length > 0 ? t('camera:rules.noneHint') : t('camera:rules.needZone')}</p>}
      {camera.rules.map((rule) => (
        <RuleLine key={rule.rule_id} rule={rule} camera={camera} onEdit={mayConfigure ? () => setEdited(rule) : undefined} onDelete={mayConfigure ? () => remove(rule) : undefined} />
      ))}
      {edited && (
        <RuleDialog
          camera={camera}
          rule={edited === 'new' ? null : edited}
          busy={save.isPending}
          onClose={() => setEdited(null)}
          onSave={(rule) => {
            const others = camera.rules.filter((each) => each.rule_id !== rule.rule_id);
            write([...others, rule], () => setEdited(null));
          }}
        />
      )}
    </section>
  );
}

interface LineProps {
  rule: Rule;
  camera: Camera;
  onEdit?: () => void;
  onDelete?: () => void;
}

function RuleLine({ rule, camera, onEdit, onDelete }: LineProps) {
  const { t } = useT();
  const hours = rule.hours.length > 0 ? rule.hours.map(({ start, end }) => `${start.slice(0, 5)}–${end.slice(0, 5)}`).join(' ') : t('camera:rules.allDay');
  return (
    <div className={styles.rule} data-testid={`rule-${rule.rule_id}`}>
      <span className={styles.ruleName}>
        <SeverityMark severity={rule.severity} />
        {rule.name}
        {!rule.enabled && <span className="quiet">{t('camera:rules.off')}</span>}
      </span>
      <span className="quiet">
        {t('camera:rules.say', {
          labels: rule.labels.map((label) => wordFor('label', label)).join(' / '),
          zone: camera.zones.find((zone) => zone.zone_id === rule.zone_id)?.name ?? '–',
          seconds: rule.least_time_s,
          hours,
        })}
      </span>
      {onEdit && onDelete && (
        <span className={styles.ruleTools}>
          <Button type="text" icon={<Icon name="pen" />} aria-label={t('camera:rules.edit', { name: rule.name })} onClick={onEdit} />
          <Button type="text" icon={<Icon name="trash" />} aria-label={t('camera:rules.delete', { name: rule.name })} onClick={onDelete} />
        </span>
      )}
    </div>
  );
}
