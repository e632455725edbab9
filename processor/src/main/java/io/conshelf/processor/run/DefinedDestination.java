package io.conshelf.processor.run;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.processor.dataset.ReferenceData;
import io.conshelf.processor.definition.Authentication;
import io.conshelf.processor.definition.OutputDefinition;
import io.conshelf.processor.definition.OutputDefinition.Settings;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.destination.Destination;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.destination.Destinations;
import io.conshelf.processor.destination.FilesDestination;
import io.conshelf.processor.destination.HttpDestination;
import io.conshelf.processor.destination.MqttDestination;
import io.conshelf.processor.destination.ReferenceDestination;
import io.conshelf.processor.destination.Retry;
import io.conshelf.processor.destination.explorer.ExplorerCluster;
import io.conshelf.processor.destination.explorer.ExplorerDestination;
import io.conshelf.processor.destination.explorer.ExplorerSettings;
import io.conshelf.processor.run.Parts.PlacedDestination;
import io.conshelf.processor.secret.SignIn;
import io.conshelf.processor.source.Sources;
import java.util.Optional;

/// Opens the destination of a pipeline for each of its partitions.
final class DefinedDestination {
    private final PipelineDefinition pipeline;
    private final RunPlace place;
    private final ReferenceData references;
    private final SignIn signIn;
    /// All partitions write through one connection.
    private Optional<ExplorerCluster> cluster = Optional.empty();

    DefinedDestination(PipelineDefinition pipeline, RunPlace place, ReferenceData references) {
        this.pipeline = pipeline;
        this.place = place;
        this.references = references;
        this.signIn = new SignIn(place.endpoints(), place.secrets());
    }

    PlacedDestination open(int partition) throws StoreException {
        OutputDefinition output = pipeline.output();
        return switch (output.settings()) {
            case Settings.DataExplorer explorer -> placed(explorer(explorer, partition), explorer.retry());
            case Settings.ReferenceData(String dataset) -> placed(references.find(dataset).<Destination>map(ReferenceDestination::new).orElseThrow(() ->
                    StoreException.user("DatasetNotFound", "there is no dataset '" + dataset + "'")), Retry.DEFAULT);
            case Settings.Mqtt mqtt -> placed(new MqttDestination(mqtt, Sources.clientId(place.instance(), pipeline.name() + "/" + output.id() + "/" + partition), signIn),
                    mqtt.retry());
            case Settings.Http http -> placed(new HttpDestination(http, signIn), http.retry());
            case Settings.Blob blob -> placed(Destinations.of(blob, files(partition), signIn), blob.retry());
            case Settings.File file -> placed(Destinations.of(file, files(partition), place.folders(), place.folder()), Retry.DEFAULT);
        };
    }

    private PlacedDestination placed(Destination destination, Retry retry) {
        return new PlacedDestination(pipeline.output().id(), pipeline.output().type(), destination, retry);
    }

    private FilesDestination.Place files(int partition) {
        return new FilesDestination.Place(place.instance(), pipeline.name(), partition, place.folder(pipeline.name()));
    }

    private Destination explorer(Settings.DataExplorer explorer, int partition) {
        ExplorerSettings settings = new ExplorerSettings(explorer.clusterUrl(), explorer.database(), explorer.table(), explorer.batch().time(),
                explorer.batch().path()::read, explorer.columns().stream().map(column -> new ExplorerSettings.Column(column.name(), column.path()::read)).toList());
        if (cluster.isEmpty()) {
            cluster = Optional.of(new ExplorerCluster(settings, place.endpoints(), () -> identity(explorer.authentication())));
        }
        return new ExplorerDestination(settings, cluster.get(), pipeline.name(), partition, place.folder(pipeline.name()), place.following());
    }

    /// Secrets are read for each connection.
    private KustoCredential identity(Authentication authentication) throws DestinationException {
        try {
            return switch (authentication) {
                case Authentication.ServicePrincipal(String tenant, String client, String secret) ->
                    new KustoCredential.ServicePrincipal(client, place.secrets().needed(secret), tenant);
                // outside of Azure the environment says who stands for the machine's identity
                case Authentication.ManagedIdentity _ -> place.credential() instanceof KustoCredential.None ? new KustoCredential.ManagedIdentity(Optional.empty())
                        : place.credential();
                case Authentication.None _, Authentication.UsernamePassword _, Authentication.ServiceAccountToken _, Authentication.Header _, Authentication.AccessKey _,
                        Authentication.Certificate _ -> throw StoreException.user("AuthenticationNotSupported",
                                "A cluster is signed in to as a service principal or a managed identity");
            };
        } catch (StoreException refused) {
            throw new DestinationException(Lasting.PERMANENT, refused.code() + ": " + refused.getMessage(), refused);
        }
    }
}
