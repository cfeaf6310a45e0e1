/** The page's first line: paints the chosen palette, then puts the application into the document. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './theme/page.css';
import './i18n';
import { App } from './app/App';
import { paintChosenTheme } from './theme/choice';

paintChosenTheme();
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
