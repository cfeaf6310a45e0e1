/** Signing in, standing in place of whatever page was asked for: after it, that page is there. */
import { Button, Form, Input } from 'antd';
import { useT } from '../i18n/useT';
import { sentenceOf } from '../api/problem';
import { chooseLanguage } from '../i18n';
import { useHub } from '../queries/hub';
import { useSignIn } from '../queries/session';
import { wasSignedIn } from './remembered';
import styles from './SignInPage.module.css';

interface Fields {
  username: string;
  password: string;
}

export function SignInPage() {
  const { t, i18n } = useT();
  const hub = useHub();
  const signIn = useSignIn();
  const over = wasSignedIn() && !signIn.isError;
  return (
    <div className={styles.page}>
      <main className={styles.card}>
        <header className={styles.head}>
          <img src="/mark.svg" alt="" width={40} height={40} />
          <div>
            <h1>{hub.data?.centre_name ?? t('name')}</h1>
            <p className="quiet">{t('session:centre')}</p>
          </div>
        </header>
        {over && <p className={styles.said}>{t('session:over')}</p>}
        {signIn.isError && (
          <p className={styles.wrong} role="alert" data-testid="sign-in-error">
            {sentenceOf(signIn.error)}
          </p>
        )}
        <Form<Fields> layout="vertical" requiredMark={false} onFinish={(fields) => signIn.mutate(fields)} disabled={signIn.isPending}>
          <Form.Item name="username" label={t('session:username')} rules={[{ required: true, message: t('session:usernameMissing') }]}>
            <Input autoFocus autoComplete="username" spellCheck={false} size="large" data-testid="sign-in-username" />
          </Form.Item>
          <Form.Item name="password" label={t('session:password')} rules={[{ required: true, message: t('session:passwordMissing') }]}>
            <Input.Password autoComplete="current-password" size="large" data-testid="sign-in-password" />
          </Form.Item>
          <Button type="primary" htmlType="submit" block size="large" loading={signIn.isPending} data-testid="sign-in-submit">
            {t('session:signIn')}
          </Button>
        </Form>
        <p className={styles.foot}>
          <span className="quiet">{t('session:forgotten')}</span>
          <button type="button" className={styles.language} onClick={() => chooseLanguage(i18n.language === 'en' ? 'zh' : 'en')}>
            {t('bar.languageOther')}
          </button>
        </p>
      </main>
    </div>
  );
}
