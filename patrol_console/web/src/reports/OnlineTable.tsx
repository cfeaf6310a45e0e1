/** Areas by days: each cell a rate with a bar of what is missing; the area asked for stands first, then the worst. */
import { Link } from 'react-router';
import type { OnlineArea, OnlineReport } from '../api/nouns';
import { useT } from '../i18n/useT';
import styles from './OnlinePage.module.css';
import { hoursText, levelOf, rateText } from './rates';

interface Props {
  report: OnlineReport;
  linkTo: (areaId: string) => string;
}

export function OnlineTable({ report, linkTo }: Props) {
  const { t } = useT();
  const first = report.area ?? report.areas[0];
  const days = first?.days.map(({ day }) => day) ?? [];
  return (
    <div className={styles.scroll}>
      <table className={styles.table} data-many={days.length > 14}>
        <thead>
          <tr>
            <th scope="col">{t('report:area')}</th>
            <th scope="col">{t('report:cameras')}</th>
            <th scope="col" className={styles.totalHead}>
              {t('report:total')}
            </th>
            {days.map((day) => (
              <th key={day} scope="col">
                {day.slice(5)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {report.area && <Row area={report.area} name={t('report:allOf', { name: report.area.name })} whole />}
          {report.areas.map((area) => (
            <Row key={area.area_id} area={area} name={area.name} to={area.has_areas ? linkTo(area.area_id) : undefined} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  area: OnlineArea;
  name: string;
  to?: string;
  whole?: boolean;
}

function Row({ area, name, to, whole = false }: RowProps) {
  const { t } = useT();
  return (
    <tr data-whole={whole} data-testid="online-row">
      <th scope="row">{to ? <Link to={to}>{name}</Link> : name}</th>
      <td className={styles.number}>{area.cameras}</td>
      <td className={styles.total}>
        <div>
          <b>{area.rate === null ? t('report:nothingDue') : rateText(area.rate)}</b>
          <i className={styles.bar} data-level={levelOf(area.rate)} aria-hidden="true">
            <i style={{ width: `${100 * (area.rate ?? 0)}%` }} />
          </i>
          <span className="quiet">{area.rate !== null && t('report:onlineText', { online: hoursText(area.online_min), due: hoursText(area.due_min) })}</span>
        </div>
      </td>
      {area.days.map((day) => {
        const said =
          day.rate === null
            ? t('report:cellNone', { area: area.name, day: day.day })
            : t('report:cell', { area: area.name, day: day.day, rate: rateText(day.rate), due: hoursText(day.due_min), online: hoursText(day.online_min), cameras: day.cameras });
        return (
          <td key={day.day} className={styles.day} data-level={levelOf(day.rate)} title={said}>
            {day.rate === null ? <span className="quiet">–</span> : rateText(day.rate)}
          </td>
        );
      })}
    </tr>
  );
}
