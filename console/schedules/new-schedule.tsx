import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useKeys } from '../frame/keys';
import { Link, useGo } from '../frame/link';
import { Notice } from '../frame/notice';
import { Widgets } from '../frame/widgets';
import type { Schedule } from '../http/answers';
import { useSending } from '../http/use-sending';
import { useZone } from '../time/zone';
import { emptySchedule, type Definition } from './definition';
import { ScheduleForm } from './schedule-form';

const NewSchedule = () => {
  const go = useGo();
  const client = useQueryClient();
  const { zone } = useZone();
  const { sendForm, error, errors, isBusy } = useSending();
  const [begun] = useState(() => emptySchedule(zone));
  useKeys({ Escape: () => go('/schedules') });

  const create = async (definition: Definition): Promise<void> => {
    const made = await sendForm<Schedule>('v1/schedules', definition);
    if (!made) return;
    void client.resetQueries({ queryKey: ['schedules'] });
    go(`/schedules/${made.scheduleId}`, { replace: true });
  };

  return (
    <>
      <title>New schedule · Punctual</title>
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/schedules">Schedules</Link> / New
      </nav>
      <ScheduleForm
        begun={begun}
        verb="Create it"
        back="/schedules"
        isBusy={isBusy}
        errors={errors}
        told={error !== undefined && <Notice error={error} />}
        onSend={(definition) => void create(definition)}
      />
    </>
  );
};

export const NewSchedulePage = () => (
  <Widgets>
    <NewSchedule />
  </Widgets>
);
