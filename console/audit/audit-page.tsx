import { useState } from 'react';
import { Choices } from '../frame/choices';
import { Link } from '../frame/link';
import { sessionStore } from '../http/session';
import { TextField, Tick } from './text-field';
import { ToolPanel, type Endings } from './tool-panel';

const PLACE = 'a time (2026-11-28T08:00:00Z) or a position';
const PLACE_PATTERN = '\\d{1,19}|\\d{4}-\\d{2}-\\d{2}T.+';
const USAGE = { text: 'What was asked for makes no sense, as told below.', isWell: false };

/** Fields that are left empty are not asked for. */
const filled = (fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));

type WindowFieldsProps = {
  readonly from: string;
  readonly to: string;
  readonly onFrom: (from: string) => void;
  readonly onTo: (to: string) => void;
  readonly isRequired?: boolean;
};

/** Which part of the log. */
const WindowFields = ({ from, to, onFrom, onTo, isRequired = false }: WindowFieldsProps) => {
  const place = { placeholder: PLACE, pattern: PLACE_PATTERN, isRequired };
  return (
    <div className="fields">
      <TextField label="From" value={from} onChange={onFrom} {...place} />
      <TextField label="To" value={to} onChange={onTo} {...place} />
    </div>
  );
};

const VERIFIED: Endings = {
  0: { text: 'No violation.', isWell: true },
  2: USAGE,
  3: { text: 'There are violations.', isWell: false },
  4: { text: 'No violation in what is there; some of the log is gone.', isWell: false },
};

const Verify = () => {
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [seal, setSeal] = useState(true);
  // the seals are of the whole log: a window has none
  const isWhole = from === '' && to === '';
  return (
    <ToolPanel
      name="verify"
      title="Verify"
      about="Holds the log, the read model and the messages against every promise. Changes nothing."
      verb="Verify"
      endings={VERIFIED}
      body={{ ...filled({ from, to }), seal: seal && isWhole }}
    >
      <WindowFields from={from} to={to} onFrom={setFrom} onTo={setTo} />
      {isWhole && <Tick label="Check the seals as well" isSet={seal} onChange={setSeal} />}
    </ToolPanel>
  );
};

const REPLAYED: Endings = {
  0: { text: 'Done: the tables are as the log says.', isWell: true },
  2: USAGE,
  3: { text: 'The live tables are not what the log says.', isWell: false },
  4: {
    text: 'What differs is of jobs whose events are gone from the log; the live rows are not wrong.',
    isWell: true,
  },
};

const Replay = () => {
  const [isDry, setDry] = useState(true);
  return (
    <ToolPanel
      name="replay"
      title="Replay"
      about="Builds the read model anew from the log beside the live one, while all goes on, and compares them row by row."
      verb={isDry ? 'Compare' : 'Rebuild and exchange'}
      endings={REPLAYED}
      body={{ dryRun: isDry, fresh: isDry }}
    >
      <Choices
        label="What for"
        value={isDry ? 'compare' : 'exchange'}
        onChange={(choice) => setDry(choice === 'compare')}
        options={[
          { value: 'compare', label: 'Compare only' },
          { value: 'exchange', label: 'Rebuild and exchange' },
        ]}
        hint={
          isDry
            ? 'The live tables stay as they are.'
            : 'The rebuilt tables become the live ones in one transaction. One that was stopped goes on where it was.'
        }
      />
    </ToolPanel>
  );
};

const EXPORTED: Endings = {
  0: { text: 'The file is whole, with its proofs.', isWell: true },
  2: USAGE,
  3: { text: 'The log does not match its seals.', isWell: false },
};

const Export = () => {
  const [what, setWhat] = useState<'window' | 'job'>('window');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [job, setJob] = useState('');
  return (
    <ToolPanel
      name="export"
      title="Export"
      about="Events with the seals and proofs that show that none is changed or missing; tools/verify-export.mjs checks the file without Punctual."
      verb="Export"
      endings={EXPORTED}
      body={what === 'job' ? { job } : { from, to }}
    >
      <Choices
        label="Of"
        value={what}
        onChange={setWhat}
        options={[
          { value: 'window', label: 'A window' },
          { value: 'job', label: 'One job' },
        ]}
      />
      {what === 'job' ? (
        <TextField
          label="Id of the job"
          value={job}
          onChange={setJob}
          pattern="[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
          isRequired
        />
      ) : (
        <WindowFields from={from} to={to} onFrom={setFrom} onTo={setTo} isRequired />
      )}
    </ToolPanel>
  );
};

const SIMULATED: Endings = { 0: { text: 'Played to its end.', isWell: true }, 2: USAGE };
type Source = 'forecast' | 'log' | 'synthetic';

const Simulate = () => {
  const [source, setSource] = useState<Source>('forecast');
  const [synthetic, setSynthetic] = useState('jobs=100000,over=1h,pattern=top-of-hour');
  const [dispatchers, setDispatchers] = useState('1');
  const [spread, setSpread] = useState('');
  const load = source === 'synthetic' ? { synthetic } : { source };
  return (
    <ToolPanel
      name="simulate"
      title="Simulate"
      about="Plays a load through other settings on a virtual clock: how late jobs would start. Changes nothing."
      verb="Simulate"
      endings={SIMULATED}
      body={{ ...load, dispatchers: Number(dispatchers), ...filled({ spread }) }}
    >
      <Choices
        label="Load"
        value={source}
        onChange={setSource}
        options={[
          { value: 'forecast', label: 'What waits' },
          { value: 'log', label: 'What ran' },
          { value: 'synthetic', label: 'Made up' },
        ]}
      />
      {source === 'synthetic' && (
        <TextField label="Made up as" value={synthetic} onChange={setSynthetic} isRequired />
      )}
      <div className="fields">
        <TextField
          label="Dispatchers"
          value={dispatchers}
          onChange={setDispatchers}
          pattern="[1-9]\d{0,2}"
          isRequired
        />
        <TextField
          label="Spread"
          value={spread}
          onChange={setSpread}
          placeholder="none; 30s"
          pattern="\d{1,9}(ms|s|m|h)"
        />
      </div>
    </ToolPanel>
  );
};

/** The tools of the log, for operators: begun and watched here, as at a terminal. */
export const AuditPage = () => (
  <>
    <title>Audit · Punctual</title>
    {sessionStore.current()?.role === 'operator' ? (
      <>
        <div className="head">
          <h1>Audit</h1>
        </div>
        <p className="hint">
          A tool gives way to jobs, and ends when this page of the browser is closed or loaded
          again; other pages of the console may be looked at meanwhile.
        </p>
        <div className="tools more">
          <Verify />
          <Replay />
          <Export />
          <Simulate />
        </div>
      </>
    ) : (
      <div className="empty">
        <h1>For operators</h1>
        <p>
          The log is everybody’s. The story and the events of a job of yours are on{' '}
          <Link to="/jobs">its page</Link>.
        </p>
      </div>
    )}
  </>
);
