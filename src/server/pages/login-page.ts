import type { WattduckError } from '../../errors/wattduck-error.ts';
import { layoutPage, type PageFrame } from '../../pages/layout.ts';
import { escapeHtml } from '../../text/html.ts';

const style = `
<style>
.login { max-width: 27rem; padding-top: 3rem; }
.login form { margin-top: 1rem; }
.login input { width: 100%; }
.login button { margin-top: .9rem; }
.login .soft { margin-top: 1rem; }
</style>`;

/** The login page. @param next path that the login leads to */
export const loginPage = (frame: Omit<PageFrame, 'title'>, next: string, error?: WattduckError): string =>
  layoutPage(
    { ...frame, title: 'Log in', head: style, className: 'login' },
    `<h1>Log in</h1>
<form class="card" method="post" action="/login">
${error ? `<p class="message error" role="alert" id="problem">${escapeHtml(error.fullMessage)}</p>\n` : ''}<label>Token
<input name="token" type="password" autocomplete="current-password" required autofocus maxlength="200"${error ? ' aria-invalid="true" aria-describedby="problem"' : ''}></label>
<input type="hidden" name="next" value="${escapeHtml(next)}">
<button class="primary">Log in</button>
</form>
<p class="soft small">Create a token on the machine of the server: <code>wattduck token create NAME</code></p>`,
  );
