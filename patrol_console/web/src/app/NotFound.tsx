/** An address that leads nowhere. */
import { Button } from 'antd';
import { useT } from '../i18n/useT';
import { useNavigate } from 'react-router';
import { Notice } from '../shapes/Notice';

export function NotFound() {
  const { t } = useT();
  const navigate = useNavigate();
  return <Notice icon="search" title={t('state.notFound')} action={<Button onClick={() => void navigate('/wall')}>{t('state.toWall')}</Button>} />;
}
