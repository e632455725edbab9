package io.conshelf.streams.flink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.blob.TransientBlobService;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.dispatcher.DispatcherGateway;
import org.apache.flink.runtime.dispatcher.DispatcherRestEndpoint;
import org.apache.flink.runtime.dispatcher.SessionDispatcherFactory;
import org.apache.flink.runtime.dispatcher.runner.DefaultDispatcherRunnerFactory;
import org.apache.flink.runtime.entrypoint.component.DefaultDispatcherResourceManagerComponentFactory;
import org.apache.flink.runtime.entrypoint.component.DispatcherResourceManagerComponentFactory;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.leaderelection.LeaderElection;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.resourcemanager.ResourceManagerGateway;
import org.apache.flink.runtime.resourcemanager.StandaloneResourceManagerFactory;
import org.apache.flink.runtime.rest.RestEndpointFactory;
import org.apache.flink.runtime.rest.handler.RestHandlerConfiguration;
import org.apache.flink.runtime.rest.handler.RestHandlerSpecification;
import org.apache.flink.runtime.rest.handler.legacy.metrics.MetricFetcher;
import org.apache.flink.runtime.rpc.FatalErrorHandler;
import org.apache.flink.runtime.rpc.RpcSystem;
import org.apache.flink.runtime.webmonitor.WebMonitorEndpoint;
import org.apache.flink.runtime.webmonitor.retriever.LeaderGatewayRetriever;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelInboundHandler;
import org.apache.flink.util.Reference;

/// The Flink cluster in this process: one for all jobs, reached by nobody else.
@SuppressWarnings("try") // what Flink declares of close
final class EmbeddedCluster implements AutoCloseable {
    private static Optional<RpcSystem> loaded = Optional.empty();

    private final MiniCluster cluster;
    private final Path temporary;

    private EmbeddedCluster(MiniCluster cluster, Path temporary) {
        this.cluster = cluster;
        this.temporary = temporary;
    }

    /// @param tasks over how many a step of a job may be spread
    static EmbeddedCluster start(int tasks) {
        Configuration configuration = new Configuration();
        Path temporary;
        RpcSystem rpc;
        try {
            rpc = rpc();
            // graphs of jobs hold what inputs and outputs sign in with
            temporary = Files.createTempDirectory("conshelf-flink");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        configuration.set(CoreOptions.TMP_DIRS, temporary.toString());
        configuration.set(BlobServerOptions.STORAGE_DIRECTORY, temporary.resolve("blobs").toString());
        configuration.set(RestOptions.ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.BIND_PORT, "0");
        configuration.set(JobManagerOptions.ADDRESS, "127.0.0.1");
        configuration.set(JobManagerOptions.BIND_HOST, "127.0.0.1");
        configuration.set(TaskManagerOptions.BIND_HOST, "127.0.0.1");
        configuration.set(TaskManagerOptions.HOST, "127.0.0.1");
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(16));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, Tasks.network(tasks));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, Tasks.network(tasks));
        // a job that fails is told at once; how long an aborted task may take to end is not a reason to end the process
        configuration.set(TaskManagerOptions.TASK_CANCELLATION_TIMEOUT, Duration.ZERO);
        MiniCluster cluster = new Unreachable(new MiniClusterConfiguration.Builder().setConfiguration(configuration).setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(Tasks.SLOTS).build(), rpc);
        try {
            cluster.start();
        } catch (Exception e) {
            throw new IllegalStateException("Flink did not start: " + e.getMessage(), e);
        }
        return new EmbeddedCluster(cluster, temporary);
    }

    /// What the parts of a cluster speak to one another with, for all clusters of the process. Flink unpacks it (24 MB) and loads it by a class loader of its own,
    /// anew for each cluster unless it is given one, which is most of what a start takes.
    private static synchronized RpcSystem rpc() throws IOException {
        if (loaded.isEmpty()) {
            Path folder = Files.createTempDirectory("conshelf-flink-rpc");
            Configuration configuration = new Configuration();
            configuration.set(CoreOptions.TMP_DIRS, folder.toString());
            loaded = Optional.of(RpcSystem.load(configuration));
            try (Stream<Path> unpacked = Files.walk(folder)) {
                // what is named last goes first
                unpacked.forEach(path -> path.toFile().deleteOnExit());
            }
        }
        return loaded.get();
    }

    /// @param inputs  that the job reads
    /// @param writers how many tasks write, by output
    FlinkJob submit(String name, RunId run, RunFolder folder, Set<String> inputs, Map<String, Integer> writers, JobGraph graph) throws InterruptedException {
        run.counters().keepIn(folder.path(), writers);
        try {
            cluster.submitJob(graph).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Flink did not take the job: " + e.getCause().getMessage(), e.getCause());
        }
        return new FlinkJob(name, new Embedded(run, folder, inputs, cluster, graph.getJobID()));
    }

    private record Embedded(RunId run, RunFolder folder, Set<String> inputs, MiniCluster cluster, JobID id, RunCounters counters) implements Control {
        private Embedded(RunId run, RunFolder folder, Set<String> inputs, MiniCluster cluster, JobID id) {
            this(run, folder, inputs, cluster, id, run.counters());
        }

        @Override
        public CompletableFuture<JobStatus> status() {
            return cluster.getJobStatus(id);
        }

        @Override
        public CompletableFuture<JobResult> result() {
            return cluster.requestJobResult(id);
        }

        @Override
        public CompletableFuture<String> stop() {
            counters.stopping();
            // which is there when every task has shown its rows and ended
            return cluster.stopWithSavepoint(id, folder.savepoints(), false, SavepointFormatType.NATIVE).whenComplete((savepoint, _) -> {
                if (savepoint != null) {
                    folder.settle(savepoint);
                }
            });
        }

        @Override
        public CompletableFuture<?> cancel() {
            return cluster.cancelJob(id);
        }

        @Override
        public CompletableFuture<Optional<String>> interruption() {
            return cluster.getExecutionGraph(id).thenApply(graph -> Optional.ofNullable(graph.getFailureInfo())
                    .map(failure -> Reason.of(failure.getExceptionAsString().lines().findFirst().orElse(""))).filter(reason -> !reason.isBlank()));
        }

        @Override
        public Counted counted() {
            return new Counted(counters.metrics(), counters.diagnosed(), counters.problem(), counters.areOpen(inputs));
        }

        @Override
        public Counted counted(JobResult ended) {
            return counted();
        }

        @Override
        public void ended() {
            RunCounters.forget(run);
        }
    }

    @Override
    public void close() {
        try {
            cluster.close();
        } catch (Exception e) {
            throw new IllegalStateException("Flink did not stop", e);
        } finally {
            RunFolder.delete(temporary);
        }
    }

    /// Flink's web interface takes any code from whoever can reach its port, also from a web page in a browser of this machine. Here it answers nobody.
    private static final class Unreachable extends MiniCluster {
        Unreachable(MiniClusterConfiguration configuration, RpcSystem rpc) {
            super(configuration, () -> Reference.borrowed(rpc));
        }

        @Override
        protected DispatcherResourceManagerComponentFactory createDispatcherResourceManagerComponentFactory() {
            return new DefaultDispatcherResourceManagerComponentFactory(
                    DefaultDispatcherRunnerFactory.createSessionRunner(SessionDispatcherFactory.INSTANCE), StandaloneResourceManagerFactory.getInstance(),
                    new SilentEndpoints());
        }
    }

    private static final class SilentEndpoints implements RestEndpointFactory<DispatcherGateway> {
        @Override
        public WebMonitorEndpoint<DispatcherGateway> createRestEndpoint(Configuration configuration, LeaderGatewayRetriever<DispatcherGateway> dispatcher,
                LeaderGatewayRetriever<ResourceManagerGateway> resources, TransientBlobService blobs, ScheduledExecutorService executor,
                MetricFetcher metrics, LeaderElection election, FatalErrorHandler onError) throws Exception {
            RestHandlerConfiguration handlers = RestHandlerConfiguration.fromConfiguration(configuration);
            return new DispatcherRestEndpoint(dispatcher, configuration, handlers, resources, blobs, executor, metrics, election,
                    RestEndpointFactory.createExecutionGraphCache(handlers), onError) {
                @Override
                protected List<Tuple2<RestHandlerSpecification, ChannelInboundHandler>> initializeHandlers(CompletableFuture<String> address) {
                    // Flink sorts it in place
                    return new ArrayList<>();
                }
            };
        }
    }
}
