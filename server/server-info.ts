/** What a client may know of a server before it says who it is. Source: `build_server_info_payload` in `mlflow/server/handlers.py`. */
import type { ArtifactRepository } from './artifacts/repository.js';

/** MLflow's Python client decides by it whether it uploads and downloads past the server. */
export function serverInfo(destination: ArtifactRepository | undefined) {
  const isDirect = destination?.direct !== undefined;
  return {
    store_type: 'SqlStore',
    workspaces_enabled: false,
    trace_archival_enabled: false,
    multipart_uploads_enabled: isDirect,
    multipart_downloads_enabled: isDirect,
    presigned_upload_run_id_supported: true,
    presigned_upload_model_id_supported: true,
    features_enabled: { gateway: false },
  };
}
