/** What the watch over silent runs asks of the store: an endpoint like those of the contract, but of no route. */
import { endpoint } from '../../api/endpoint.js';
import { integer, message, required, string } from '../../api/schema.js';

export const heartbeatCalls = {
  endSilentRun: endpoint(
    'POST',
    'end-silent-run',
    'write',
    'Marks one running run that was last heard of before a time. Answers none when there is none left.',
    message('EndSilentRun', { before: required(integer()) }),
    message('EndSilentRunResponse', { run_id: string() }),
  ),
};
