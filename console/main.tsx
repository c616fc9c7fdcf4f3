import { createRoot } from 'react-dom/client';
import { followSignInLink } from './access/begin-session';
import { App } from './app';
import './style/style';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root');
void followSignInLink().then(() => createRoot(root).render(<App />));
