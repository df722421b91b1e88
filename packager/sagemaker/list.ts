/** `sagemaker list`: the endpoints there are. */
import { type AwsOptions, connectAws } from './aws/clients.js';

export type Where = Pick<AwsOptions, 'region' | 'assumeRoleArn' | 'signal' | 'dryRun'>;

export interface ListedEndpoint {
  readonly name: string;
  /** SageMaker's: `InService`, `Creating`, … */
  readonly status: string;
  /** ISO 8601. */
  readonly created: string;
  readonly modified: string;
}

/** All endpoints of the region, by name. */
export async function listEndpoints(where: Where): Promise<ListedEndpoint[]> {
  const aws = await connectAws(where);
  const found: ListedEndpoint[] = [];
  for (let token: string | undefined; ; ) {
    const page = await aws.sagemaker.listEndpoints({
      SortBy: 'Name',
      SortOrder: 'Ascending',
      ...(token !== undefined && { NextToken: token }),
    });
    for (const { EndpointName = '', EndpointStatus = '', CreationTime, LastModifiedTime } of page.Endpoints ?? []) {
      found.push({
        name: EndpointName,
        status: EndpointStatus,
        created: iso(CreationTime),
        modified: iso(LastModifiedTime),
      });
    }
    token = page.NextToken;
    if (!token) return found;
  }
}

export const iso = (date: Date | undefined) => date?.toISOString() ?? '';
