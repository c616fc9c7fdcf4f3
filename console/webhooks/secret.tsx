import { useState } from 'react';

/** A secret that was just made: it is in this page alone, and gone with it. */
export const Secret = ({ secret }: { readonly secret: string }) => {
  const [isCopied, setCopied] = useState(false);
  return (
    <div className="secret">
      <p>
        <b>The secret is shown only now.</b> Keep it where the program reads it: nobody can look it
        up later.
      </p>
      <div className="secret-line">
        <code>{secret}</code>
        <button
          type="button"
          className="button button-plain"
          onClick={() => {
            void navigator.clipboard?.writeText(secret).then(() => setCopied(true));
          }}
        >
          {isCopied ? 'Copied' : 'Copy'}
        </button>
      </div>
      <details>
        <summary>How the program checks who calls</summary>
        <p className="hint">
          With any library of Standard Webhooks, over the body as it came, before it believes a
          word:
        </p>
        <pre className="block">
          {`import { Webhook } from 'standardwebhooks';

new Webhook(secret).verify(body, headers); // throws for what is not from here`}
        </pre>
      </details>
    </div>
  );
};
