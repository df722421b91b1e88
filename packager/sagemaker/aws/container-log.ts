/** The last lines that an endpoint's containers wrote, from CloudWatch. */
import type { Aws } from './clients.js';

const LINES = 20;

/** The oldest first; empty when there are none or they may not be read. */
export async function lastLines(aws: Aws, endpoint: string): Promise<string[]> {
  const logGroupName = `/aws/sagemaker/Endpoints/${endpoint}`;
  try {
    const { logs } = aws;
    const { logStreams } = await logs.describeLogStreams({
      logGroupName,
      orderBy: 'LastEventTime',
      descending: true,
      limit: 1,
    });
    const logStreamName = logStreams?.[0]?.logStreamName;
    if (logStreamName === undefined) return [];
    const { events } = await logs.getLogEvents({ logGroupName, logStreamName, limit: LINES, startFromHead: false });
    return (events ?? []).map(({ message = '' }) => message.trimEnd());
  } catch {
    return [];
  }
}
