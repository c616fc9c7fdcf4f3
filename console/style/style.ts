import './tokens.css';
import './frame.css';
import './parts.css';
import './jobs.css';
import './job.css';
import './forms.css';
import './past.css';
import './system.css';
