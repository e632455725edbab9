package io.conshelf.cli;

import io.conshelf.connectors.kusto.IdentityEndpoint;
import io.conshelf.server.service.HostedService;
import io.conshelf.streams.flink.JobRunner;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.input.Inputs;
import io.conshelf.streams.input.ReferenceInput.Snapshots;
import io.conshelf.streams.input.References;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.output.Targets;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.run.StreamJobs;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.service.JobLauncher;
import io.conshelf.streams.service.LaunchException;
import io.conshelf.streams.service.StreamService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Puts Stream Analytics beside the cluster: behind its door, into its store, and its jobs at work on it.
final class HostedStreams implements HostedService {
    private final StreamService service;
    private final Settings settings;
    private final Optional<Path> state;

    private HostedStreams(StreamService service, Settings settings, Optional<Path> state) {
        this.service = service;
        this.settings = settings;
        this.state = state;
    }

    /// @param data where the cluster keeps its data; without it, checkpoints end with the process, as everything does
    static Opening opening(Settings settings, Optional<Path> data) {
        return new Opening("streams", documents -> new HostedStreams(StreamService.open(new HostedStore(documents), InstantSource.system()), settings,
                data.map(folder -> folder.resolve("streams"))));
    }

    @Override
    public String name() {
        return "stream analytics";
    }

    @Override
    public boolean answers(String rawPath) {
        return StreamService.answers(rawPath);
    }

    @Override
    public Answer answer(Request request) {
        return HostedRequests.answered(service.answer(HostedRequests.asked(request)));
    }

    @Override
    public String metrics() {
        return service.metrics();
    }

    @Override
    public void started(Cluster cluster) {
        Surroundings surroundings = Surroundings.within(cluster.uri(), settings.live(),
                new IdentityEndpoint(cluster.identityEndpoint(), cluster.identityHeader()), settings.allowedFolders());
        service.started(new Launcher(surroundings, state), new JobIdentities(cluster.identities()));
    }

    @Override
    public void close() {
        service.close();
    }

    private record JobIdentities(HostedService.Identities identities) implements io.conshelf.streams.service.Identities {
        @Override
        public JobIdentity identity(String name) {
            HostedService.Identity identity = identities.identity(name);
            return new JobIdentity(identity.clientId(), identity.objectId(), identity.tenant());
        }

        @Override
        public boolean grant(JobIdentity identity, String database, List<String> roles) {
            return identities.grant(new HostedService.Identity(identity.clientId(), identity.objectId(), identity.tenant()), database, roles);
        }

        @Override
        public void remove(JobIdentity identity) {
            identities.remove(new HostedService.Identity(identity.clientId(), identity.objectId(), identity.tenant()));
        }
    }

    /// Starts jobs on the embedded Flink, which starts with the first of them.
    private static final class Launcher implements JobLauncher {
        private final Surroundings surroundings;
        private final Optional<Path> state;
        private Optional<JobRunner> runner = Optional.empty();
        private boolean isClosed;

        private Launcher(Surroundings surroundings, Optional<Path> state) {
            this.surroundings = surroundings;
            this.state = state;
        }

        private synchronized JobRunner runner() throws LaunchException {
            if (isClosed) {
                throw new LaunchException("the service stops");
            }
            if (runner.isEmpty()) {
                runner = Optional.of(new JobRunner(state.map(JobRunner.Settings.DEFAULT::withFolder).orElse(JobRunner.Settings.DEFAULT)));
            }
            return runner.get();
        }

        @Override
        public RunningJob start(String name, ReadyJob job, StartMode mode, String identity) throws LaunchException, InterruptedException {
            Surroundings own = surroundings.as(identity);
            List<String> obstacles = new ArrayList<>();
            StreamJob bound = StreamJobs.bind(name, job, own, obstacles);
            if (!(mode instanceof StartMode.Continue)) {
                // One that goes on has been looked at when it started; an output that does not answer at the moment is waited for, as it is while a job runs.
                obstacles.addAll(StreamJobs.differences(job, own));
            }
            if (!obstacles.isEmpty()) {
                throw new LaunchException(obstacles);
            }
            try {
                return runner().start(bound, mode);
            } catch (IllegalStateException refused) {
                throw new LaunchException(refused.getMessage(), refused);
            }
        }

        @Override
        public List<String> differences(ReadyJob job, String identity) throws InterruptedException {
            return StreamJobs.differences(job, surroundings.as(identity));
        }

        @Override
        public Surroundings surroundings(String identity) {
            return surroundings.as(identity);
        }

        @Override
        public void forget(String name) {
            state.map(folder -> folder.resolve(name)).filter(Files::isDirectory).ifPresent(TemporaryFolder::delete);
        }

        @Override
        public void tryInput(JobDefinition.Input input, String identity) throws LaunchException, InterruptedException {
            JobDefinition job = new JobDefinition("test", "", List.of(input), List.of(), List.of(), Policies.DEFAULT);
            try {
                if (input.type() == InputType.REFERENCE) {
                    try (Snapshots snapshots = new References(job, surroundings.as(identity)).of(input, List.of()).open(Long.MAX_VALUE)) {
                        snapshots.probe();
                    }
                } else {
                    new Inputs(job, surroundings.as(identity)).of(input, List.of()).probe();
                }
            } catch (InputException failure) {
                throw new LaunchException(failure.getMessage(), failure);
            }
        }

        @Override
        public void tryOutput(JobDefinition.Output output, String identity) throws LaunchException, InterruptedException {
            JobDefinition job = new JobDefinition("test", "", List.of(), List.of(output), List.of(), Policies.DEFAULT);
            try (EventTarget target = Targets.of(output, job, surroundings.as(identity))) {
                List<String> differences = target.check(List.of());
                if (!differences.isEmpty()) {
                    throw new LaunchException(differences);
                }
            } catch (OutputException failure) {
                throw new LaunchException(failure.getMessage(), failure);
            }
        }

        @Override
        public synchronized void close() {
            isClosed = true;
            runner.ifPresent(JobRunner::close);
        }
    }
}
