/** The tags of a camera as chips; in a narrow place the first two and how many more. */
import styles from './Tags.module.css';

const shownFew = 2;

export function Tags({ tags, few = false }: { tags: readonly string[]; few?: boolean }) {
  const shown = few ? tags.slice(0, shownFew) : tags;
  return (
    <span className={styles.tags} title={few ? tags.join(' ') : undefined}>
      {shown.map((tag) => (
        <span key={tag} className={styles.tag}>
          {tag}
        </span>
      ))}
      {shown.length < tags.length && <span className="quiet">+{tags.length - shown.length}</span>}
    </span>
  );
}
