package io.conshelf.cli;

import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.IdentityEndpoint;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.processor.definition.DatasetDefinition;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.run.PipelineRun;
import io.conshelf.processor.run.Pipelines;
import io.conshelf.processor.run.RunPlace;
import io.conshelf.processor.service.PipelineLauncher;
import io.conshelf.processor.service.ProcessorService;
import io.conshelf.server.service.HostedService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Puts Data Processor beside the cluster: behind its door, into its store, and its pipelines at work on it.
final class HostedProcessor implements HostedService {
    private final ProcessorService service;
    private final Settings settings;
    private final Optional<Path> state;
    private Optional<Path> temporary = Optional.empty();

    private HostedProcessor(ProcessorService service, Settings settings, Optional<Path> state) {
        this.service = service;
        this.settings = settings;
        this.state = state;
    }

    /// @param data where the cluster keeps its data; without it, checkpoints end with the process, as everything does
    static Opening opening(Settings settings, Optional<Path> data) {
        return new Opening("processor", documents -> new HostedProcessor(ProcessorService.open(new HostedStore(documents), InstantSource.system()), settings,
                data.map(folder -> folder.resolve("processor"))));
    }

    @Override
    public String name() {
        return "data processor";
    }

    @Override
    public boolean answers(String rawPath) {
        return ProcessorService.answers(rawPath);
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
        Endpoints endpoints = Endpoints.embedded(cluster.uri(), settings.live(), new IdentityEndpoint(cluster.identityEndpoint(), cluster.identityHeader()));
        service.started(new Launcher(settings, endpoints, state.orElseGet(this::temporaryFolder)));
    }

    private Path temporaryFolder() {
        try {
            temporary = Optional.of(Files.createTempDirectory("conshelf-processor-"));
            return temporary.get();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        service.close();
        temporary.ifPresent(TemporaryFolder::delete);
    }

    private record Launcher(Settings settings, Endpoints endpoints, Path state) implements PipelineLauncher {
        @Override
        public Opened open(String name, String folder, List<DatasetDefinition> datasets) throws IOException {
            Path own = Files.createDirectories(state.resolve(folder));
            RunPlace place = new RunPlace(name, endpoints, new KustoCredential.None(), settings.namedSecrets(), FolderAccess.within(settings.allowedFolders()), own)
                    .with(settings.deadLetters());
            return new Instance(place, Pipelines.open(place, datasets));
        }

        @Override
        public boolean isSecret(String name) {
            return settings.namedSecrets().find(name).isPresent();
        }
    }

    private record Instance(RunPlace place, Pipelines pipelines) implements PipelineLauncher.Opened {
        @Override
        public PipelineRun start(PipelineDefinition pipeline) throws IOException {
            return pipelines.start(pipeline);
        }

        @Override
        public void forgetSession(PipelineDefinition pipeline) {
            pipelines.forget(pipeline);
        }

        @Override
        public void forget(String pipeline) {
            TemporaryFolder.delete(place.folder(pipeline));
        }

        @Override
        public void close() throws IOException {
            pipelines.close();
        }
    }
}
