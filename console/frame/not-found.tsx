import { Link } from './link';

export const NotFound = () => (
  <div className="empty">
    <h1>There is nothing here</h1>
    <p>
      The address is not one of this console. <Link to="/jobs">Go to the jobs</Link>.
    </p>
  </div>
);
