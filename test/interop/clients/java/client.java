// One walk through MLflow's client for Java against the server named by the first argument. What does not hold ends it with an error.

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mlflow.api.proto.ModelRegistry.ModelVersion;
import org.mlflow.api.proto.Service.*;
import org.mlflow.tracking.ActiveRun;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowClientException;
import org.mlflow.tracking.MlflowContext;
import org.mlflow.tracking.RunsPage;

class Client {
  static MlflowClient client;

  public static void main(String[] args) throws Exception {
    client = new MlflowClient(args[0]);
    String experiment = experiments();
    String run = runs(experiment);
    batch(experiment);
    search(experiment, run);
    context(args[0]);
    artifacts(run, Path.of(args[1]));
    registry(run);
    client.close();
    System.out.println("ok");
  }

  static void check(boolean holds, Object seen) {
    if (!holds) throw new AssertionError(String.valueOf(seen));
  }

  static void refused(String words, Runnable call) {
    try {
      call.run();
    } catch (MlflowClientException error) {
      check(error.getMessage().contains(words), error.getMessage());
      return;
    }
    throw new AssertionError("not refused: " + words);
  }

  static String experiments() {
    String id = client.createExperiment("java");
    client.setExperimentTag(id, "team", "vision");
    client.renameExperiment(id, "java renamed");
    Experiment found = client.getExperiment(id);
    check(found.getName().equals("java renamed") && found.getTags(0).getValue().equals("vision"), found);
    Optional<Experiment> byName = client.getExperimentByName("java renamed");
    check(byName.isPresent() && byName.get().getExperimentId().equals(id), byName);
    check(client.getExperimentByName("nobody").isEmpty(), "nobody");
    check(client.searchExperiments("name LIKE 'java%'").getItems().size() == 1, "search");
    refused("already exists", () -> client.createExperiment("java renamed"));
    client.deleteExperiment(id);
    check(client.getExperiment(id).getLifecycleStage().equals("deleted"), id);
    client.restoreExperiment(id);
    return id;
  }

  static String runs(String experiment) {
    String id = client.createRun(experiment).getRunId();
    client.logParam(id, "depth", "3");
    client.logMetric(id, "loss", 0.5, 1000, 1);
    client.logMetric(id, "loss", 0.25, 2000, 2);
    client.logMetric(id, "nan", Double.NaN);
    client.setTag(id, "kind", "first");
    client.setTag(id, "gone", "x");
    client.deleteTag(id, "gone");
    refused("Changing param values is not allowed", () -> client.logParam(id, "depth", "4"));
    refused("not found", () -> client.getRun("0".repeat(32)));
    List<Metric> history = client.getMetricHistory(id, "loss");
    check(history.size() == 2 && history.get(1).getStep() == 2 && history.get(1).getValue() == 0.25, history);
    client.setTerminated(id, RunStatus.FINISHED, 5000);
    Run run = client.getRun(id);
    check(run.getInfo().getStatus() == RunStatus.FINISHED && run.getInfo().getEndTime() == 5000, run);
    check(run.getData().getParams(0).getValue().equals("3"), run);
    check(run.getData().getTagsList().stream().noneMatch(tag -> tag.getKey().equals("gone")), run);
    check(run.getData().getMetricsList().stream().anyMatch(metric -> Double.isNaN(metric.getValue())), run);
    client.deleteRun(id);
    check(client.getRun(id).getInfo().getLifecycleStage().equals("deleted"), id);
    client.restoreRun(id);
    return id;
  }

  static void batch(String experiment) {
    String id = client.createRun(experiment).getRunId();
    Metric metric = Metric.newBuilder().setKey("m").setValue(1e300).setTimestamp(Long.MAX_VALUE).setStep(-5).build();
    Param param = Param.newBuilder().setKey("p/ü").setValue("→").build();
    RunTag tag = RunTag.newBuilder().setKey("t").setValue("").build();
    client.logBatch(id, List.of(metric), List.of(param), List.of(tag));
    Run run = client.getRun(id);
    check(run.getData().getMetrics(0).equals(metric), run);
    check(run.getData().getParams(0).equals(param), run);
    check(run.getData().getTagsList().contains(tag), run);
  }

  static void search(String experiment, String run) {
    List<RunInfo> found = client.searchRuns(List.of(experiment), "params.depth = '3' and metrics.loss < 0.3");
    check(found.size() == 1 && found.get(0).getRunId().equals(run), found);
    RunsPage page = client.searchRuns(List.of(experiment), "", ViewType.ALL, 1);
    check(page.getPageSize() == 1 && page.hasNextPage(), page.getItems());
    Run second = page.getNextPage().getItems().iterator().next();
    check(!page.getItems().get(0).getInfo().getRunId().equals(second.getInfo().getRunId()), second);
    refused("filter", () -> client.searchRuns(List.of(experiment), "nonsense"));
  }

  static void context(String uri) {
    MlflowContext context = new MlflowContext(uri);
    client.createExperiment("context");
    context.setExperimentName("context");
    ActiveRun parent = context.startRun("parent");
    ActiveRun child = context.startRun("child", parent.getId());
    child.logMetrics(java.util.Map.of("a", 1.0, "b", 2.0), 3);
    child.logParams(java.util.Map.of("p", "1"));
    child.endRun();
    parent.endRun();
    Run found = client.getRun(child.getId());
    check(found.getData().getMetricsCount() == 2 && found.getInfo().getStatus() == RunStatus.FINISHED, found);
    check(found.getData().getTagsList().stream().anyMatch(tag -> tag.getValue().equals(parent.getId())), found);
  }

  /** Java's client leaves the bytes to the command of Python's. */
  static void artifacts(String run, Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("note ü.txt"), "hello");
    client.logArtifact(run, file.toFile(), "model/notes");
    List<FileInfo> found = client.listArtifacts(run, "model/notes");
    check(found.size() == 1 && found.get(0).getPath().equals("model/notes/note ü.txt"), found);
    check(found.get(0).getFileSize() == 5, found);
    File copy = client.downloadArtifacts(run, "model/notes/note ü.txt");
    check(Files.readString(copy.toPath()).equals("hello"), copy);
  }

  static void registry(String run) throws Exception {
    String source = client.getRun(run).getInfo().getArtifactUri() + "/model";
    client.sendPost("registered-models/create", "{\"name\": \"java-model\"}");
    for (int i = 0; i < 2; i++) {
      String body = String.format("{\"name\": \"java-model\", \"source\": \"%s\", \"run_id\": \"%s\"}", source, run);
      client.sendPost("model-versions/create", body);
    }
    String staged = "{\"name\": \"java-model\", \"version\": \"1\", \"stage\": \"Staging\", \"archive_existing_versions\": false}";
    client.sendPost("model-versions/transition-stage", staged);
    check(client.getRegisteredModel("java-model").getLatestVersionsCount() == 2, "latest versions");
    List<ModelVersion> latest = client.getLatestVersions("java-model", List.of("Staging"));
    check(latest.size() == 1 && latest.get(0).getVersion().equals("1"), latest);
    check(client.getModelVersion("java-model", "2").getRunId().equals(run), "run of a version");
    check(client.getModelVersionDownloadUri("java-model", "2").equals(source), source);
    check(client.searchModelVersions("name='java-model'").getItems().size() == 2, "search");
    File copy = client.downloadModelVersion("java-model", "2");
    check(Files.readString(copy.toPath().resolve("notes/note ü.txt")).equals("hello"), copy);
    refused("not found", () -> client.getModelVersion("java-model", "9"));
  }
}
