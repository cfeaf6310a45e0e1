/** What `?` shows: every key of every page. */
import { Modal } from 'antd';
import { useT } from '../i18n/useT';
import styles from './KeysDialog.module.css';

const groups = [
  { name: 'wall', keys: [['←↑↓→', 'move'], ['Shift ←↑↓→', 'carry'], ['Enter', 'enlarge'], ['Esc', 'back'], ['Delete', 'takeOut'], ['1 – 6, 8', 'layout'], ['[ ]', 'page'], ['T', 'tour'], ['S', 'save'], ['G', 'jump'], ['/', 'search'], ['F', 'fullScreen']] },
  { name: 'alerts', keys: [['↓ ↑ / J K', 'next'], ['A / Enter', 'acknowledge'], ['X', 'dismiss']] },
  { name: 'everywhere', keys: [['?', 'help']] },
] as const;

export function KeysDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useT();
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={t('keys.title')} width={460} style={{ top: 32 }}>
      {groups.map((group) => (
        <section key={group.name} className={styles.group}>
          <h2 className="quiet">{t(`keys.${group.name}`)}</h2>
          <dl className={styles.keys}>
            {group.keys.map(([key, what]) => (
              <div key={what}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{t(`key.${what}`)}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
  );
}
