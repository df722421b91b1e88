/** `sagemaker describe`: what an endpoint is made of. */
import { connectAws } from './aws/clients.js';
import { findConfig, requireEndpoint } from './endpoint.js';
import { iso, type ListedEndpoint, type Where } from './list.js';
import { type FoundModel, findModel } from './model.js';

export interface EndpointDescription extends ListedEndpoint {
  readonly region: string;
  readonly arn: string;
  /** Null when it has not failed. */
  readonly failureReason: string | null;
  /** Name of the endpoint configuration. */
  readonly config: string;
  readonly variants: readonly VariantDescription[];
}

export interface VariantDescription {
  readonly name: string;
  /** Share of the requests, as weights; null when SageMaker does not say. */
  readonly weight: number | null;
  /** Instances now and wanted; null when serverless. */
  readonly instances: { readonly type: string; readonly now: number | null; readonly wanted: number | null } | null;
  readonly serverless: { readonly memoryMB: number; readonly concurrency: number } | null;
  /** Null when the model has been removed. */
  readonly model: FoundModel | null;
}

/** Throws an Error of one line when there is no such endpoint. */
export async function describeEndpoint(app: string, where: Where): Promise<EndpointDescription> {
  const aws = await connectAws(where);
  const endpoint = await requireEndpoint(aws, app);
  const config = await findConfig(aws, endpoint.EndpointConfigName);
  const variants = (config?.variants ?? []).map(async (variant): Promise<VariantDescription> => {
    const now = endpoint.ProductionVariants?.find(({ VariantName }) => VariantName === variant.VariantName);
    const serverless = variant.ServerlessConfig;
    return {
      name: variant.VariantName ?? '',
      weight: now?.CurrentWeight ?? variant.InitialVariantWeight ?? null,
      instances: serverless
        ? null
        : {
            type: variant.InstanceType ?? '',
            now: now?.CurrentInstanceCount ?? null,
            wanted: now?.DesiredInstanceCount ?? variant.InitialInstanceCount ?? null,
          },
      serverless: serverless
        ? { memoryMB: serverless.MemorySizeInMB ?? 0, concurrency: serverless.MaxConcurrency ?? 0 }
        : null,
      model: (await findModel(aws, variant.ModelName ?? '')) ?? null,
    };
  });
  return {
    name: app,
    status: endpoint.EndpointStatus ?? '',
    created: iso(endpoint.CreationTime),
    modified: iso(endpoint.LastModifiedTime),
    region: aws.region,
    arn: endpoint.EndpointArn ?? '',
    failureReason: endpoint.FailureReason ?? null,
    config: endpoint.EndpointConfigName ?? '',
    variants: await Promise.all(variants),
  };
}
