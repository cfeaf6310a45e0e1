/** The name of a layout, new or old, and whether the wall opens with it. */
import { Checkbox, Input, Modal, type InputRef } from 'antd';
import { useRef, useState } from 'react';
import type { WallLayout } from '../api/nouns';
import { useT } from '../i18n/useT';
import menu from './Menu.module.css';

const longest = 64;

interface Props {
  layout: WallLayout | null; // null: a new one
  busy: boolean;
  onSave: (name: string, isDefault: boolean) => void;
  onClose: () => void;
}

export function NameDialog({ layout, busy, onSave, onClose }: Props) {
  const { t } = useT();
  const [name, setName] = useState(layout?.name ?? '');
  const [isDefault, setDefault] = useState(layout?.is_default ?? false);
  const field = useRef<InputRef>(null);
  const said = name.trim();

  function save(): void {
    if (said) onSave(said, isDefault);
  }

  return (
    <Modal
      open
      width={400}
      title={layout ? t('wall:renameTitle') : t('wall:saveTitle')}
      okText={t('do.save')}
      cancelText={t('do.cancel')}
      okButtonProps={{ disabled: !said, loading: busy, 'data-testid': 'name-save' }}
      afterOpenChange={(open) => open && field.current?.focus({ cursor: 'all' })}
      onOk={save}
      onCancel={onClose}
    >
      <Input ref={field} autoFocus value={name} maxLength={longest} onChange={(event) => setName(event.target.value)} onPressEnter={save} placeholder={t('wall:namePlaceholder')} aria-label={t('wall:name')} data-testid="layout-name" />
      <div className={menu.field}>
        <Checkbox checked={isDefault} onChange={(event) => setDefault(event.target.checked)} data-testid="layout-default">
          {t('wall:openWith')}
        </Checkbox>
      </div>
    </Modal>
  );
}
